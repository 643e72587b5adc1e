"""``pipeline search`` and ``pipeline statements``: ask what was indexed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from elasticsearch import AsyncElasticsearch
from rich.table import Table

from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.cli.tables import articles_table, statements_table
from pipeline.index.client import connect, indices_behind, outage_as_error
from pipeline.records.annotations import StatementKind, StatementType
from pipeline.search import (
    ArticleHit,
    Found,
    SearchRequest,
    StatementHit,
    search_articles,
    search_statements,
)
from pipeline.search.request import DEFAULT_LIMIT, MAX_LIMIT, parse_time
from pipeline.settings import IndexSettings, Settings

H = TypeVar("H", ArticleHit, StatementHit)
Search = Callable[[AsyncElasticsearch, IndexSettings, SearchRequest], Awaitable[Found[H]]]

_NARROW = "Narrow down"
Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY",
        help="Words, '\"a phrase\"', -not, one | other, prefix*. Without: the newest.",
    ),
]
SpeakerOption = Annotated[
    str | None,
    typer.Option("--speaker", help="Who said it: a name or part of one.", rich_help_panel=_NARROW),
]
EntityOption = Annotated[
    str | None,
    typer.Option("--entity", help="Who or what it is about.", rich_help_panel=_NARROW),
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", help="A source's name or domain.", rich_help_panel=_NARROW),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        help="From then on: 2024-05-17, or 24h, 7d, 2w for so long ago.", rich_help_panel=_NARROW
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(help="Up to then; a date includes its day.", rich_help_panel=_NARROW),
]
LimitOption = Annotated[int, typer.Option(min=1, max=MAX_LIMIT, help="How many at most.")]
StoriesFlag = Annotated[
    bool,
    typer.Option("--stories", help="Each story once, with the number of its articles found."),
]
TypeOption = Annotated[
    StatementType | None,
    typer.Option("--type", help="How it was said.", rich_help_panel=_NARROW),
]
KindOption = Annotated[
    StatementKind | None,
    typer.Option(
        "--kind",
        help="speech, or thought: what someone is told to believe, want or intend.",
        rich_help_panel=_NARROW,
    ),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(search)
    app.command()(statements)


def search(
    context: typer.Context,
    query: Words = None,
    *,
    speaker: SpeakerOption = None,
    entity: EntityOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    stories: StoriesFlag = False,
    limit: LimitOption = DEFAULT_LIMIT,
    json: JsonFlag = False,
) -> None:
    """Find articles by their words, whom they quote and whom they are about.

    All that is given has to hold; words are found in any form ("warns" finds "warned").

    \b
    Examples:
      pipeline search footbridge inspection
      pipeline search '"gold coins"' --since 2026-01-01
      pipeline search --entity Marrowmere --source "The Talvera Reader" --json
      pipeline search dam --stories
    """  # noqa: D301 - the \b keeps the lines of the examples apart
    settings: Settings = context.obj
    request = _request(
        query,
        since,
        until,
        speaker=speaker,
        entity=entity,
        source=source,
        stories=stories,
        limit=limit,
    )
    show_articles(settings, request, json=json)


def statements(
    context: typer.Context,
    query: Words = None,
    *,
    speaker: SpeakerOption = None,
    entity: EntityOption = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    type_: TypeOption = None,
    kind: KindOption = None,
    limit: LimitOption = DEFAULT_LIMIT,
    json: JsonFlag = False,
) -> None:
    """Find who said what, to whom, when, in which source.

    A speaker is found by the whole name or a part, in any case and without accents too.
    --entity finds what was said to someone, or about someone or something.

    \b
    Examples:
      pipeline statements --speaker "Emilia Rautavaara"
      pipeline statements coins --speaker rautavaara --since 2026-01-01
      pipeline statements --entity Rautavaara --type direct --json
    """  # noqa: D301 - as above
    settings: Settings = context.obj
    request = _request(
        query,
        since,
        until,
        speaker=speaker,
        entity=entity,
        source=source,
        type=type_,
        kind=kind,
        limit=limit,
    )
    show_statements(settings, request, json=json)


def show_articles(settings: Settings, request: SearchRequest, *, json: bool) -> None:
    """Search among articles, and print what is found."""
    _show(settings, settings.index.articles, search_articles, request, articles_table, json)


def show_statements(settings: Settings, request: SearchRequest, *, json: bool) -> None:
    """Search among statements, and print what is found."""
    _show(settings, settings.index.statements, search_statements, request, statements_table, json)


def _request(
    words: Sequence[str] | None, since: str | None, until: str | None, **others: Any
) -> SearchRequest:
    now = datetime.now(UTC)
    try:
        return SearchRequest(
            text=" ".join(words or ()),
            since=parse_time(since, now) if since else None,
            until=parse_time(until, now, end_of_day=True) if until else None,
            **others,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _show(
    settings: Settings,
    alias: str,
    find: Search[H],
    request: SearchRequest,
    as_table: Callable[[Sequence[H]], Table],
    json: bool,
) -> None:
    hits, indexed = asyncio.run(_ask(settings, alias, find, request))
    if json:
        print_json(hits)
    elif hits:
        out.print(as_table(hits))
    if not indexed:
        err.print("Nothing is indexed yet. Try: pipeline run --once")
    elif not hits:
        err.print("Nothing found. Fewer words or filters find more.")


async def _ask(
    settings: Settings, alias: str, find: Search[H], request: SearchRequest
) -> tuple[tuple[H, ...], bool]:
    """The hits, and whether there is anything to be searched at all."""
    async with connect(settings.elasticsearch) as client:
        with outage_as_error(settings.elasticsearch):
            hits = (await find(client, settings.index, request)).hits
            return hits, bool(hits or await indices_behind(client, alias))
