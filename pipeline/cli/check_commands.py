"""``check``: whether all that was handed to the line is where it belongs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pipeline.cli.console import JsonFlag, err, out, print_json

_NOT_SOUND = 1


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(check)


def check(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what is wrong, then check once more.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Compare the topics with the index: is every article there, once, in its newest revision?

    Reads all that the topics still hold, and the index whole: what went through the line is indexed
    or a dead letter; each article stands in one month, with the statements of its own revision and
    those of no other; what a correction replaced is kept; no alert was made twice; and every index
    has our mapping and alias. The line may run meanwhile: what is on its way is not missed.

    --repair sends what is missing through the line again, from the topics, and puts right what
    stands in the wrong place. It can be broken off and repeated.

    Exit code 0 when nothing is wrong, 1 when something is, or could not be mended.

    [bold]Examples[/bold]

      pipeline check

      pipeline check --repair --json
    """
    from pipeline import bootstrap
    from pipeline.cli.check_tables import findings_table, summary

    report = asyncio.run(bootstrap.check_line(context.obj, _say, repair=repair))
    if json:
        print_json(report)
    else:
        if report.findings:
            out.print(findings_table(report.findings))
        out.print(summary(report), soft_wrap=True)
    if not report.sound:
        raise typer.Exit(_NOT_SOUND)


def _say(line: str) -> None:
    err.print(line, markup=False)
