from pathlib import Path

import pytest

from pipeline import settings
from pipeline.stack import control
from tests.stacks import updated


def test_a_relative_data_folder_is_taken_from_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = updated(settings.load(), {"data_dir": Path("data")})
    assert [server.data_dir for server in control.servers(here)] == [
        tmp_path / "data" / "kafka",
        tmp_path / "data" / "elasticsearch",
    ]
    assert all(server.log.is_absolute() for server in control.status(here))


def test_status_of_what_never_ran_touches_nothing(tmp_path: Path) -> None:
    never = updated(settings.load(), {"data_dir": tmp_path / "data"})
    assert [server.state for server in control.status(never)] == ["stopped", "stopped"]
    assert not never.data_dir.exists()


def test_down_of_what_never_ran_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    control.down(updated(settings.load(), {"data_dir": tmp_path / "data"}), said.append)
    assert said == ["nothing runs"]
