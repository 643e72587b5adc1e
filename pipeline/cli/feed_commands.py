"""``feeds`` and ``ingest``: where articles come from."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import subscription_commands
from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.cli.line_commands import log_to_stderr
from pipeline.runner.children import follow_parent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from pipeline.feeds.ingest import IngestCounts


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(rich_markup_mode="rich")
    group.callback(invoke_without_command=True)(feeds)
    subscription_commands.register(group)
    app.add_typer(group, name="feeds")
    app.command()(ingest)


def feeds(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Poll every feed once, and end.")] = False,
    sample: Annotated[bool, typer.Option(hidden=True)] = False,
    child: Annotated[bool, typer.Option("--follow-parent", hidden=True)] = False,
) -> None:
    """Poll the feeds of config/feeds.toml and publish their articles to Kafka, until Ctrl-C.

    With a command, find feeds to follow, or exchange them with a feed reader.

    [bold]Examples[/bold]

      pipeline feeds --once

      pipeline feeds discover https://courier.example/
    """
    from pipeline import bootstrap

    if context.invoked_subcommand:
        return
    log_to_stderr()
    if child:
        follow_parent()
    asyncio.run(bootstrap.poll_feeds(context.obj, once=once, sample=sample))


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files and folders.", exists=True, metavar="PATH...")
    ],
    json: JsonFlag = False,
) -> None:
    """Publish files as articles: .txt, .html and .jsonl, each also with .gz.

    A line of .jsonl is {"text", "title"?, "url"?, "id"?, "published"?, "source"?, "authors"?,
    "language"?}. The same file read again is the same article: unchanged, or a new version of it.

    [bold]Examples[/bold]

      pipeline ingest article.txt archive/

      pipeline run --once        then enriches and indexes what was published
    """
    from pipeline import bootstrap
    from pipeline.feeds.documents import find_files

    bootstrap.require_kafka(context.obj)
    files = list(find_files(paths))
    with _bar() as bar:
        task = bar.add_task("reading", total=len(files))
        counts = asyncio.run(
            bootstrap.ingest_files(context.obj, files, lambda counts: _advance(bar, task, counts))
        )
    if json:
        print_json(counts)
    else:
        out.print(f"{counts.articles} articles published, {counts.dead_letters} dead-lettered")


def _bar() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def _advance(bar: Progress, task: TaskID, counts: IngestCounts) -> None:
    bar.update(task, advance=1, description=f"{counts.articles} articles")
