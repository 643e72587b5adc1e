"""``feeds`` and ``ingest``: where articles come from."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pipeline import bootstrap
from pipeline.cli.line_commands import log_to_stderr, report
from pipeline.runner.children import follow_parent


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(feeds)
    app.command()(ingest)


def feeds(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Poll every feed once, and end.")] = False,
    sample: Annotated[bool, typer.Option(hidden=True)] = False,
    child: Annotated[bool, typer.Option("--follow-parent", hidden=True)] = False,
) -> None:
    """Poll the feeds of config/feeds.toml and publish their articles to Kafka, until Ctrl-C."""
    log_to_stderr()
    if child:
        follow_parent()
    asyncio.run(bootstrap.poll_feeds(context.obj, once=once, sample=sample, report=report))
