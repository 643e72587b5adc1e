"""Every command explains itself, and the README knows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli.app import app

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
COMMANDS = {
    name: command
    for name, command in typer.main.get_group(app).commands.items()
    if not command.hidden
}
PRINTS_RESULTS = ("search", "statements", "revisions", "status", "ingest", "enrich", "parse-feed")

commands = pytest.mark.parametrize("name", COMMANDS)


@commands
def test_help_says_what_a_command_is_for(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert len((COMMANDS[name].help or "").split()) >= 5


@commands
def test_every_option_has_a_help_text(name: str) -> None:
    unexplained = [
        parameter.name
        for parameter in COMMANDS[name].params
        if parameter.param_type_name == "option"
        and not getattr(parameter, "hidden", False)
        and not getattr(parameter, "help", None)
    ]
    assert unexplained == []


@commands
def test_the_readme_has_a_row_for_every_command(name: str) -> None:
    table = " ".join(re.findall(r"^\| `pipeline (.*?)` \|", README, flags=re.MULTILINE))
    assert re.search(rf"(^|[\s`]){name}\b", table)


@pytest.mark.parametrize("name", PRINTS_RESULTS)
def test_commands_that_print_results_can_print_json(name: str) -> None:
    assert any("--json" in parameter.opts for parameter in COMMANDS[name].params)


def test_a_wrong_option_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["search", "--nonsense"]).exit_code == 2
