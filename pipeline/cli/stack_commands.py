"""``up``, ``down``, ``status``: the Kafka and Elasticsearch of this machine."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import UTC

import typer
from rich.table import Table

from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.cli.tables import printable
from pipeline.errors import PipelineError, ServiceUnavailable
from pipeline.settings import Settings
from pipeline.stack import control
from pipeline.stack.control import ServerStatus, State

_STYLES = {State.RUNNING: "green", State.STOPPED: "dim", State.UNRESPONSIVE: "red"}


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Start Kafka and Elasticsearch on this machine and wait until they answer.

    The first time, their programs are fetched through Maven (about 90 MB).
    They listen on 127.0.0.1 alone, keep their data under the data folder, and
    run on when this command ends. A second [bold]up[/bold] finds the first. A server
    that hangs or has crashed is started again.
    """
    _show(control.up(context.obj, _report), as_json=as_json)


def down(context: typer.Context) -> None:
    """Stop the Kafka and Elasticsearch that [bold]up[/bold] started; their data stays."""
    control.down(context.obj, _report)


def status(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Show whether Kafka and Elasticsearch of this machine run, which stations wait, and how many
    shards there are of those that there may be.

    A station that waits loses nothing, and goes on once what it names is mended.
    Exit code 0 when both run, 4 otherwise, so that scripts can wait:

      until pipeline status >/dev/null; do sleep 1; done
    """
    servers = control.status(context.obj)
    _show(servers, as_json=as_json)
    if not as_json:
        _show_held(context.obj)
        _show_shards(context.obj)
    if any(server.state is not State.RUNNING for server in servers):
        raise typer.Exit(ServiceUnavailable.exit_code)


def _show_held(settings: Settings) -> None:
    from pipeline import bootstrap

    try:
        stations = bootstrap.held_stations(settings)
    except PipelineError:  # that Kafka is away is said above; a new one has no topics yet
        return
    for each in stations:
        what = f"{each.messages} messages are refused ({each.cause}: {each.detail})"
        since = f"{each.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        line = f"{each.stage} is held since {since}, {each.place}: {what}; {each.remedy}"
        out.print(printable(line), style="red", markup=False, soft_wrap=True, highlight=False)


def _show_shards(settings: Settings) -> None:
    from pipeline import bootstrap

    try:
        shards = asyncio.run(bootstrap.shards(settings))
    except PipelineError:  # that Elasticsearch is away is said above
        return
    line = f"shards: {shards.used:,} of {shards.most:,} that the cluster may have"
    advice = "; drop old months (index.retain_months), or add a node" if shards.are_many else ""
    style = "red" if shards.are_many else ""
    out.print(line + advice, style=style, markup=False, soft_wrap=True, highlight=False)


def _report(line: str) -> None:
    err.print(line, markup=False)


def _show(servers: Sequence[ServerStatus], *, as_json: bool) -> None:
    if as_json:
        print_json([_plain(server) for server in servers])
    else:
        out.print(_table(servers))
        out.print(f"logs: {servers[0].log.parent}", soft_wrap=True, highlight=False)


def _plain(server: ServerStatus) -> dict[str, str | int | None]:
    paths = {"data_dir": str(server.data_dir), "log": str(server.log)}
    return {**dataclasses.asdict(server), **paths}


def _table(servers: Sequence[ServerStatus]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("server", "state", "address", "pid", "version"):
        table.add_column(heading)
    for server in servers:
        table.add_row(
            server.name,
            f"[{_STYLES[server.state]}]{server.state}[/]",
            f"127.0.0.1:{server.port}",
            str(server.pid or "–"),
            server.version,
        )
    return table
