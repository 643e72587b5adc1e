import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app

runner = CliRunner()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings of a stack that was never started."""
    return {"PIPELINE_DATA_DIR": str(tmp_path / "data")}


def test_status_of_a_stack_that_does_not_run_is_exit_code_4(environment: dict[str, str]) -> None:
    answer = runner.invoke(app, ["status"], env=environment)
    assert answer.exit_code == 4
    assert answer.stdout.count("stopped") == 2


def test_status_as_json_has_what_scripts_need(environment: dict[str, str]) -> None:
    answer = runner.invoke(app, ["status", "--json"], env=environment)
    kafka, elasticsearch = json.loads(answer.stdout)
    assert (kafka["name"], kafka["state"], kafka["pid"]) == ("kafka", "stopped", None)
    assert elasticsearch["log"].endswith("logs/elasticsearch.log")
    assert set(kafka) == {"name", "state", "pid", "port", "version", "data_dir", "log"}


def test_down_where_nothing_runs_says_so_and_is_no_error(environment: dict[str, str]) -> None:
    answer = runner.invoke(app, ["down"], env=environment)
    assert answer.exit_code == 0
    assert answer.stderr == "nothing runs\n"
    assert not Path(environment["PIPELINE_DATA_DIR"]).exists()
