"""Puts the commands together and turns errors into one line and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipeline import settings
from pipeline.cli import (
    alert_commands,
    feed_commands,
    kibana_commands,
    letter_commands,
    line_commands,
    page_commands,
    revision_commands,
    search_commands,
    stack_commands,
    text_commands,
    view_commands,
    web_commands,
)
from pipeline.cli.console import err
from pipeline.errors import PipelineError

app = typer.Typer(
    name="pipeline",
    help="Follow the news as it appears: who said what, about whom, when, in which source.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def _load_settings(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="A TOML file with settings; see config/default.toml for all of them."),
    ] = None,
) -> None:
    context.obj = settings.load(config)


for _commands in (
    line_commands,
    feed_commands,
    search_commands,
    view_commands,
    revision_commands,
    alert_commands,
    letter_commands,
    stack_commands,
    text_commands,
    page_commands,
    kibana_commands,
    web_commands,
):
    _commands.register(app)


def main() -> None:
    """Run the command line; a PipelineError is printed in one line and gives its exit code."""
    try:
        app()
    except PipelineError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        sys.exit(error.exit_code)
