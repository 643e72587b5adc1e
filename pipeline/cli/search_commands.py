"""``pipeline search`` and ``pipeline statements``: ask what was indexed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
import typer
from elasticsearch import AsyncElasticsearch
from rich.table import Table

from pipeline.cli.console import JsonFlag, err, out, print_json, print_json_line
from pipeline.cli.signals import stop_event
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
from pipeline.search.rows import csv_lines
from pipeline.settings import IndexSettings, Settings

H = TypeVar("H", ArticleHit, StatementHit)
Search = Callable[[AsyncElasticsearch, IndexSettings, SearchRequest], Awaitable[Found[H]]]

Output = Literal["table", "json", "csv"]

_WATCH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Shown(Generic[H]):
    """How one kind of hit is found, told apart and printed."""

    alias: str
    find: Search[H]
    as_table: Callable[[Sequence[H]], Table]
    key: Callable[[H], str]
    fields: tuple[str, ...]


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

RoleOption = Annotated[
    str | None,
    typer.Option("--role", help="Words of a role: minister.", rich_help_panel=_NARROW),
]
CountryOption = Annotated[
    str | None,
    typer.Option("--country", help="Of the source: FR.", rich_help_panel=_NARROW),
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--language", help="Of the text: fr.", rich_help_panel=_NARROW),
]
AssertedFlag = Annotated[
    bool,
    typer.Option(
        "--asserted",
        help="Without what nobody is told to have said.",
        rich_help_panel=_NARROW,
    ),
]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
WatchFlag = Annotated[
    bool, typer.Option("--watch", help="Go on, and print what is new, until Ctrl-C.")
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
    role: RoleOption = None,
    source: SourceOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    stories: StoriesFlag = False,
    limit: LimitOption = DEFAULT_LIMIT,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    watch: WatchFlag = False,
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
        role=role,
        source=source,
        country=country,
        language=language,
        stories=stories,
        limit=limit,
    )
    show_articles(settings, request, _output(json=json, csv=csv), watch=watch)


def statements(
    context: typer.Context,
    query: Words = None,
    *,
    speaker: SpeakerOption = None,
    entity: EntityOption = None,
    role: RoleOption = None,
    source: SourceOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    type_: TypeOption = None,
    kind: KindOption = None,
    asserted: AssertedFlag = False,
    limit: LimitOption = DEFAULT_LIMIT,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    watch: WatchFlag = False,
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
        role=role,
        source=source,
        country=country,
        language=language,
        type=type_,
        kind=kind,
        asserted=asserted,
        limit=limit,
    )
    show_statements(settings, request, _output(json=json, csv=csv), watch=watch)


def show_articles(
    settings: Settings, request: SearchRequest, output: Output = "table", *, watch: bool = False
) -> None:
    """Search among articles, and print what is found; with ``watch`` go on with what is new."""
    shown = _Shown(
        settings.index.articles,
        search_articles,
        articles_table,
        _article_key,
        ArticleHit.__struct_fields__,
    )
    _show(settings, request, shown, output, watch=watch)


def show_statements(
    settings: Settings, request: SearchRequest, output: Output = "table", *, watch: bool = False
) -> None:
    """Search among statements, and print what is found; with ``watch`` go on with what is new."""
    shown = _Shown(
        settings.index.statements,
        search_statements,
        statements_table,
        _statement_key,
        StatementHit.__struct_fields__,
    )
    _show(settings, request, shown, output, watch=watch)


def _article_key(hit: ArticleHit) -> str:
    return hit.id


def _statement_key(hit: StatementHit) -> str:
    return f"{hit.article_id} {hit.id}"


def _output(*, json: bool, csv: bool) -> Output:
    if json and csv:
        raise typer.BadParameter("--json or --csv, not both")
    return "json" if json else "csv" if csv else "table"


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
    settings: Settings, request: SearchRequest, shown: _Shown[H], output: Output, *, watch: bool
) -> None:
    hits, indexed = asyncio.run(_ask(settings, shown.alias, shown.find, request))
    _print(hits, shown, output, lines=watch)
    if not indexed:
        err.print("Nothing is indexed yet. Try: pipeline run --once")
    elif not hits:
        err.print("Nothing found. Fewer words or filters find more.")
    if watch:
        _watch(settings, request, shown, output, {shown.key(hit) for hit in hits})


def _watch(
    settings: Settings,
    request: SearchRequest,
    shown: _Shown[H],
    output: Output,
    seen: set[str],
) -> None:
    """Ask again and again for the newest, and print what was not there before."""
    newest = msgspec.structs.replace(request, order="newest", limit=MAX_LIMIT)
    with stop_event() as stop:
        while not stop.wait(_WATCH_SECONDS):
            hits, _ = asyncio.run(_ask(settings, shown.alias, shown.find, newest))
            new = [hit for hit in reversed(hits) if shown.key(hit) not in seen]
            seen |= {shown.key(hit) for hit in new}
            if new:
                _print(new, shown, output, lines=True, first=False)


def _print(
    hits: Sequence[H], shown: _Shown[H], output: Output, *, lines: bool, first: bool = True
) -> None:
    """Print hits; JSON as ``lines`` where more may follow, the names of CSV's columns ``first``."""
    if output == "json" and lines:
        for hit in hits:
            print_json_line(hit)
    elif output == "json":
        print_json(hits)
    elif output == "csv":
        rows: list[Sequence[Any]] = [shown.fields] if first else []
        sys.stdout.write(csv_lines([*rows, *map(msgspec.structs.astuple, hits)]))
        sys.stdout.flush()
    elif hits:
        out.print(shown.as_table(hits))


async def _ask(
    settings: Settings, alias: str, find: Search[H], request: SearchRequest
) -> tuple[tuple[H, ...], bool]:
    """The hits, and whether there is anything to be searched at all."""
    async with connect(settings.elasticsearch) as client:
        with outage_as_error(settings.elasticsearch):
            hits = (await find(client, settings.index, request)).hits
            return hits, bool(hits or await indices_behind(client, alias))
