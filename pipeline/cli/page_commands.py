"""``pipeline parse-feed`` and ``extract-page``: the feed consumer's two readers by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.console import JsonFlag, out, print_json, print_json_line
from pipeline.settings import FeedSettings

if TYPE_CHECKING:
    from pipeline.cli.page_lines import Kind

FileArgument = Annotated[
    Path | None, typer.Argument(help="A file, also .gz.", dir_okay=False, exists=True)
]
UrlOption = Annotated[str, typer.Option(help="Where the file was fetched from.")]
JsonLinesFlag = Annotated[
    bool,
    typer.Option("--jsonl", help='Lines of {"id", "file", "url"} in, one result a line out.'),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command("parse-feed")(parse_feed)
    app.command("extract-page")(extract_page)


def parse_feed(
    context: typer.Context,
    file: FileArgument = None,
    url: UrlOption = "",
    as_json: JsonFlag = False,
    jsonl: JsonLinesFlag = False,
) -> None:
    """Read a feed (RSS, Atom, JSON Feed, sitemap) and show its entries. Needs no service.

    [bold]pipeline parse-feed feed.xml --url https://news.example/feed.xml[/bold]  resolves links
    against the URL; with --json, everything that was read.
    [bold]pipeline parse-feed --jsonl < feeds.jsonl[/bold]  is for many: order is kept, and a file
    that is no feed becomes {"id", "error": {"reason", "detail"}}.
    """
    from pipeline.cli.page_lines import FEED, read_one
    from pipeline.cli.page_tables import print_feed

    settings: FeedSettings = context.obj.feeds
    if jsonl:
        _read_lines(FEED, settings, file)
    else:
        _show(read_one(FEED, _required(file), url or None, settings), print_feed, as_json=as_json)


def extract_page(
    context: typer.Context,
    file: FileArgument = None,
    url: UrlOption = "",
    as_json: JsonFlag = False,
    jsonl: JsonLinesFlag = False,
) -> None:
    """Find the article in an HTML page: text, title, authors, date, address. Needs no service.

    [bold]pipeline extract-page page.html --url https://news.example/a[/bold]  shows it; with
    --json, as a JSON document.
    [bold]pipeline extract-page --jsonl < pages.jsonl[/bold]  is for many: order is kept, and a file
    that is no article becomes {"id", "error": {"reason", "detail"}}.
    """
    from pipeline.cli.page_lines import PAGE, read_one
    from pipeline.cli.page_tables import print_page

    settings: FeedSettings = context.obj.feeds
    if jsonl:
        _read_lines(PAGE, settings, file)
    else:
        _show(read_one(PAGE, _required(file), url or None, settings), print_page, as_json=as_json)


def _required(file: Path | None) -> Path:
    if file is None:
        raise typer.BadParameter("name a file, or give lines on standard input with --jsonl")
    return file


def _show(
    result: dict[str, Any], show: Callable[[Any, dict[str, Any]], None], *, as_json: bool
) -> None:
    if as_json:
        print_json(result)
    else:
        show(out, result)


def _read_lines(kind: Kind, settings: FeedSettings, file: Path | None) -> None:
    from pipeline.cli.page_lines import read_lines

    if file is not None:
        raise typer.BadParameter("--jsonl reads standard input and takes no file")
    for result in read_lines(kind, sys.stdin.buffer, settings):
        print_json_line(result)
