"""Puts the commands together and turns errors into one line and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from pipeline import settings
from pipeline.cli import (
    alert_commands,
    check_commands,
    feed_commands,
    kibana_commands,
    letter_commands,
    line_commands,
    page_commands,
    revision_commands,
    rights_commands,
    search_commands,
    stack_commands,
    text_commands,
    view_commands,
    web_commands,
)
from pipeline.cli.console import err
from pipeline.disk import full_disk
from pipeline.ending import listen
from pipeline.errors import PipelineError, ServiceUnavailable

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
    check_commands,
    letter_commands,
    stack_commands,
    text_commands,
    page_commands,
    kibana_commands,
    rights_commands,
    web_commands,
):
    _commands.register(app)


def main() -> None:
    """Run the command line; a PipelineError, or a full disk, is printed in one line and gives an
    exit code."""
    listen()
    try:
        try:
            app()
        finally:
            _flush()
    except PipelineError as error:
        _fail(str(error), error.exit_code)
    except Exception as error:
        problem = full_disk(error)
        if problem is None:
            raise
        _fail(problem, ServiceUnavailable.exit_code)


def _flush() -> None:
    """What was printed may meet a full disk; a reader who has gone is no news."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # The interpreter would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if full_disk(error):
            raise


def _fail(problem: str, code: int) -> NoReturn:
    err.print(f"[red]error:[/red] {escape(problem)}", soft_wrap=True)
    sys.exit(code)
