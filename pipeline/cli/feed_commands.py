"""``feeds`` and ``ingest``: where articles come from."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import subscription_commands
from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.cli.feed_status import status
from pipeline.cli.line_commands import INTERRUPTED, report
from pipeline.runner.children import follow_parent
from pipeline.telemetry.endpoint import Process
from pipeline.telemetry.process import observe


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(rich_markup_mode="rich")
    group.callback(invoke_without_command=True)(feeds)
    group.command()(status)
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

    Several may run, on one machine or many: they share the feeds, and when one ends the others take
    its feeds over. What is changed in the file is followed without a restart. With a command, find
    feeds to follow, see how they do, or exchange them with a feed reader.

    [bold]Examples[/bold]

      pipeline feeds --once

      pipeline feeds discover https://courier.example/

      pipeline feeds status
    """
    from pipeline import bootstrap

    if context.invoked_subcommand is not None:
        return
    observe(context.obj, Process.FEEDS)
    if child:
        follow_parent()
    asyncio.run(bootstrap.poll_feeds(context.obj, once=once, sample=sample))


def ingest(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files and folders.", exists=True, metavar="PATH...")
    ],
    restart: Annotated[
        bool, typer.Option("--restart", help="Read all of it anew, done or not.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Publish archives as articles: .warc, .jsonl, .txt and .html, each also with .gz.

    They go onto a topic of their own: live news does not queue behind them, and is enriched first.

    [bold].warc[/bold] (as of Common Crawl News): every HTML page that was answered with 200 is the
    article of its address, as of the date of its capture: an older capture never overwrites a newer
    version. Section fronts, pictures and the like are passed over and counted; what is damaged is
    a dead letter, and reading goes on behind it.

    [bold].jsonl[/bold]: a line is {"text", "title"?, "url"?, "id"?, "published"?, "fetched"?,
    "source"?, "authors"?, "language"?}. "fetched" orders the versions of an article.

    [bold].txt and .html[/bold]: an article each. The same file read again is the same article.

    How far each file was read is kept in Kafka: broken off, the same command goes on from there;
    files that are done are passed over until they change. --restart reads them all the same.

    [bold]Examples[/bold]

      pipeline ingest CC-NEWS-20260301120000-00042.warc.gz

      pipeline ingest article.txt archive/

      pipeline run --once        then enriches and indexes what was published
    """
    from pipeline import bootstrap
    from pipeline.cli.ingest_progress import IngestView, summary
    from pipeline.feeds.files import find_files

    observe(context.obj, Process.INGEST, logging.WARNING)
    files = list(find_files(paths))
    with IngestView(len(files)) as view:
        counts = asyncio.run(
            bootstrap.ingest_files(context.obj, files, view.show, report, restart=restart)
        )
    if counts is None:
        err.print("interrupted; the same command goes on from here")
        raise typer.Exit(INTERRUPTED)
    if json:
        print_json(counts)
    else:
        out.print(summary(counts, view.seconds), soft_wrap=True)
