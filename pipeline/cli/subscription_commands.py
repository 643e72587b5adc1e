"""``feeds discover``, ``feeds import`` and ``feeds export``: which feeds are followed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.errors import ConfigurationError, PipelineError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.feeds.candidates import FoundFeed
    from pipeline.feeds.opml import Imported

_OPML_LIMIT = 16_777_216  # bytes


def register(group: typer.Typer) -> None:
    """Add this module's commands to ``group``."""
    group.command()(discover)
    group.command("import")(import_)
    group.command()(export)


def discover(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="A page of the site, its home page best.")],
    toml: Annotated[
        bool, typer.Option("--toml", help="Print tables for config/feeds.toml.")
    ] = False,
    seconds: Annotated[float, typer.Option(help="How long to look at most.", min=1)] = 60.0,
    as_json: JsonFlag = False,
) -> None:
    """Find the feeds of a site, and show what each holds, the most useful first.

    Looks at the links of the page, at robots.txt and, where that allows it, at the usual addresses;
    whatever is shown was fetched and read.

    [bold]Examples[/bold]

      pipeline feeds discover https://courier.example/

      pipeline feeds discover courier.example --toml >> config/feeds.toml
    """
    from pipeline import bootstrap
    from pipeline.cli.feed_tables import found_table
    from pipeline.feeds.fetch import FetchFailed

    address = url if "://" in url else f"https://{url}"
    try:
        found = asyncio.run(bootstrap.discover_feeds(context.obj, address, seconds))
    except FetchFailed as failure:
        raise PipelineError(f"{address} cannot be read: {failure}; check the address") from failure
    if as_json:
        print_json(found)
    elif toml:
        _print_tables(_as_imported(found, context.obj))
    elif found:
        out.print(found_table(found))
    if not found:
        err.print(f"no feeds found; name a page nearer to the news than {escape(address)}")
        raise typer.Exit(1)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An OPML file.", exists=True, dir_okay=False)],
    append: Annotated[
        bool, typer.Option("--append", help="Add them to the feeds file, not to stdout.")
    ] = False,
) -> None:
    """Turn the feeds of an OPML file, as feed readers export it, into tables for config/feeds.toml.

    Feeds that are followed already are left out. What cannot be followed is listed with its reason.

    [bold]Examples[/bold]

      pipeline feeds import subscriptions.opml

      pipeline feeds import subscriptions.opml --append
    """
    from pipeline.feeds.opml import read_opml, to_toml
    from pipeline.feeds.subscriptions import read_subscriptions

    settings: Settings = context.obj
    existing = read_subscriptions(settings.feeds.file)
    with file.open("rb") as opened:
        data = opened.read(_OPML_LIMIT + 1)
    if len(data) > _OPML_LIMIT:
        raise ConfigurationError(f"{file}: over {_OPML_LIMIT} bytes; split it")
    try:
        imported, skipped = read_opml(data, existing)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from error
    for each in skipped:
        err.print(
            f"skipped: {each.name or 'an outline without a name'}: {each.reason}", markup=False
        )
    if append and imported:
        with settings.feeds.file.open("a", encoding="utf-8") as feeds:
            feeds.writelines("\n" + to_toml(each) for each in imported)
    elif imported:
        _print_tables(imported)
    where = f" added to {settings.feeds.file}" if append else ""
    err.print(f"{len(imported)} feeds{where}, {len(skipped)} skipped", markup=False)


def export(context: typer.Context) -> None:
    """Print the feeds of config/feeds.toml as OPML, for a feed reader to import.

    [bold]Examples[/bold]

      pipeline feeds export > subscriptions.opml
    """
    from pipeline.feeds.opml import write_opml
    from pipeline.feeds.subscriptions import load_subscriptions

    settings: Settings = context.obj
    sys.stdout.buffer.write(write_opml(load_subscriptions(settings.feeds.file)))
    sys.stdout.buffer.flush()


def _as_imported(found: list[FoundFeed], settings: Settings) -> list[Imported]:
    from pipeline.feeds.opml import subscribe
    from pipeline.feeds.subscriptions import read_subscriptions

    return subscribe(found, read_subscriptions(settings.feeds.file))


def _print_tables(imported: list[Imported]) -> None:
    from pipeline.feeds.opml import to_toml

    sys.stdout.write("\n".join(to_toml(each) for each in imported))
