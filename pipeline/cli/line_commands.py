"""``setup``, ``run`` and ``work``: the line and its stations."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from pipeline.cli.console import err, out
from pipeline.cli.signals import stop_event, terminate_like_interrupt
from pipeline.kafka.groups import Role
from pipeline.runner.children import Child, follow_parent, stop_all, worker_spec
from pipeline.settings import Settings
from pipeline.telemetry.endpoint import Process
from pipeline.telemetry.process import observe

_TICK_SECONDS = 0.2
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(run)
    app.command()(work)
    app.command()(setup)
    app.command(hidden=True)(worker)


def setup(context: typer.Context) -> None:
    """Create the topics, index templates and aliases; what is there already stays as it is."""
    from pipeline import bootstrap

    created = asyncio.run(bootstrap.setup(context.obj, report))
    out.print(f"topics created: {', '.join(created) or 'none, all were there'}")
    out.print("index templates and aliases: in place")


def run(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Poll every feed once, drain the line, and end.")
    ] = False,
) -> None:
    """Run the whole line and show what it finds, until Ctrl-C.

    Starts the local Kafka and Elasticsearch (unless the settings name other servers), the feed
    consumer and the workers. It polls the sample feed and the feeds of config/feeds.toml, and
    stops what it started.

    [bold]Examples[/bold]

      pipeline run --once

      PIPELINE_SAMPLE__ENABLED=false pipeline run
    """
    from pipeline import bootstrap
    from pipeline.cli.findings import print_findings
    from pipeline.cli.watching import Watcher
    from pipeline.runner.line import Line, specs

    settings: Settings = context.obj
    terminate_like_interrupt()
    with bootstrap.line_environment(settings, report) as run_dir:
        line = Line(settings, specs(once=once, sample=settings.sample.enabled), run_dir)
        with Watcher(settings, tell=not once) as watcher, stop_event() as stop:
            last = line.run(stop, watcher)
        if once and not stop.is_set():
            print_findings(settings, last.counts)
    if once and stop.is_set():
        raise typer.Exit(INTERRUPTED)


def work(
    context: typer.Context,
    role: Annotated[
        Role | None, typer.Argument(help="Which station; all when it is left out.")
    ] = None,
) -> None:
    """Run the workers of one station, or of all, and restart what dies, until Ctrl-C.

    Run it on as many machines as there is work for: the workers of a station share its topic's
    partitions.
    """
    settings: Settings = context.obj
    children = [
        Child(
            worker_spec(each),
            log=None,
            environment={},
            backoff_seconds=settings.workers.restart_backoff_seconds,
        )
        for each in ([role] if role else list(Role))
    ]
    with stop_event() as stop:
        try:
            while not stop.is_set():
                for child in children:
                    child.poll(time.monotonic())
                time.sleep(_TICK_SECONDS)
        finally:
            stop_all(children)


def worker(context: typer.Context, role: Role) -> None:
    """Run one worker in this process, without a supervisor."""
    from pipeline import bootstrap

    observe(context.obj, Process(role))
    follow_parent()
    raise typer.Exit(asyncio.run(bootstrap.run_worker(context.obj, role)))


def report(line: str) -> None:
    """Tell the user what is under way."""
    err.print(line, markup=False, soft_wrap=True)
