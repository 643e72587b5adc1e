"""The pages of results, sent as they become known: the search, what it found, what was counted.

A browser takes as long to get ready for a page as Elasticsearch takes to find the hits, and to
count takes longer than to find. So nobody waits for what is not needed yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import msgspec
from elasticsearch import ApiError, TransportError
from fastapi import Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from pydantic import ValidationError

from pipeline.index.client import describe
from pipeline.search import Found
from pipeline.search.facets import Breakdown
from pipeline.search.library import Library
from pipeline.search.reader import Counted
from pipeline.search.request import InvalidSearch, SearchRequest
from pipeline.web.pages.charts import columns
from pipeline.web.pages.search_page import (
    ARTICLE_FACETS,
    STATEMENT_FACETS,
    Searched,
    choices,
    next_url,
    searched,
)
from pipeline.web.pages.templates import Templates
from pipeline.web.params import ArticlePage, StatementPage
from pipeline.web.problems import of_elasticsearch

logger = logging.getLogger(__name__)

P = TypeVar("P", ArticlePage, StatementPage)
Asked: TypeAlias = ArticlePage | StatementPage
Find = Callable[[SearchRequest], Awaitable[Found[Any]]]
Count = Callable[[SearchRequest, Breakdown], Awaitable[Counted]]

_AT_ONCE_SECONDS = 0.003
"""In which a server that is not there says so: then the answer still has the status of an error."""

_INPUTS = (
    ("speaker", "Speaker"), ("entity", "About or to"), ("role", "Role"), ("source", "Source"),
    ("since", "From (2026-05-17, 24h, 7d)"), ("until", "Up to"), ("language", "Language"),
    ("country", "Country"),
)  # fmt: skip
_ORDER = ("order", "Order", ("relevance", "newest", "oldest"))


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What a page searches for, and how it can be narrowed down."""

    path: str
    heading: str
    noun: str
    facets: Mapping[str, tuple[str, str]]
    selections: tuple[tuple[str, str, tuple[str, ...]], ...]
    flags: tuple[tuple[str, str], ...]


STATEMENTS = Kind(
    path="/statements",
    heading="Who said what",
    noun="statements",
    facets=STATEMENT_FACETS,
    selections=(
        ("type", "Quoted", ("direct", "indirect", "mixed")),
        ("kind", "Kind", ("speech", "thought")),
        _ORDER,
    ),
    flags=(("asserted", "Only what was said"),),
)
ARTICLES = Kind(
    path="/articles",
    heading="Articles",
    noun="articles",
    facets=ARTICLE_FACETS,
    selections=(_ORDER,),
    flags=(("stories", "Each story once"),),
)


class Searches:
    """The pages of statements and of articles."""

    def __init__(
        self, library: Library, templates: Templates, clock: Callable[[], datetime]
    ) -> None:
        self._library = library
        self._templates = templates
        self._clock = clock

    async def statements(self, request: Request) -> Response:
        """Who said what."""
        library = self._library
        return await self._page(
            request, STATEMENTS, StatementPage, library.statements, library.statement_counts
        )

    async def articles(self, request: Request) -> Response:
        """Articles by their words and names."""
        library = self._library
        return await self._page(
            request, ARTICLES, ArticlePage, library.articles, library.article_counts
        )

    async def _page(
        self, request: Request, kind: Kind, page: type[P], find: Find, count: Count
    ) -> Response:
        now, given = self._clock(), request.query_params
        asked, problem = asked_in(given, page, tuple(kind.facets), now)
        shown = _Shown(self._templates, kind, searched(kind.path, words_of(given, asked)))
        shell = shown.shell(problem)
        if asked is None:
            return HTMLResponse(shown.beside(Counted()).join(shell))
        wanted, beside = asked.request(now), asked.beside(now)
        finding = asyncio.ensure_future(find(wanted))
        await asyncio.wait({finding}, timeout=_AT_ONCE_SECONDS)
        if finding.done():
            finding.result()
        parts = _parts(shown, shell, finding, lambda: count(wanted, beside))
        return StreamingResponse(parts, media_type="text/html")


class _Shown:
    """What the parts of one page show."""

    def __init__(self, templates: Templates, kind: Kind, search: Searched) -> None:
        self._templates = templates
        self._kind = kind
        self._search = search
        self._always = {"kind": kind, "search": search, "inputs": _INPUTS}

    def shell(self, problem: str) -> tuple[str, str]:
        """What stands before and behind the other parts."""
        return self._templates.shell(
            "search", here=self._kind.path, problem=problem, **self._always
        )

    def hits(self, found: Found[Any]) -> str:
        """What was found."""
        following = next_url(self._search, found.next)
        return self._templates.part("search_hits", found=found, next_url=following, **self._always)

    def beside(self, counted: Counted, problem: str = "") -> str:
        """How it can be narrowed down, or why it is not known how."""
        return self._templates.part(
            "search_beside",
            choices=choices(self._search, counted.facets, self._kind.facets),
            columns=columns(counted.timeline) if counted.timeline else (),
            problem=problem,
            **self._always,
        )


async def _parts(
    shown: _Shown,
    shell: tuple[str, str],
    finding: asyncio.Future[Found[Any]],
    count: Callable[[], Awaitable[Counted]],
) -> AsyncIterator[str]:
    """The page. What goes wrong from now on is said on it: its status is gone out."""
    head, foot = shell
    counted, problem = Counted(), ""
    try:
        yield head
        found = await finding
        yield shown.hits(found)
        counted = await count() if found.total else counted
    except (TransportError, ApiError) as error:
        logger.warning("Elasticsearch: %s", describe(error))
        problem = of_elasticsearch(error).detail
    finally:
        finding.cancel()  # where nobody waits for the rest of the page
    yield shown.beside(counted, problem)
    yield foot


def asked_in(
    given: Mapping[str, str], kind: type[P], facets: Sequence[str], now: datetime
) -> tuple[P | None, str]:
    """The search in an address, or what is wrong with it; names that it does not know are left
    out."""
    known = {name: value for name, value in given.items() if value and name in kind.model_fields}
    known.pop("facet", None)
    try:
        asked = kind.model_validate({**known, "facet": facets, "timeline": True})
        asked.request(now)
    except ValidationError as error:
        first = error.errors()[0]
        return None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except InvalidSearch as error:
        return None, str(error)
    return asked, ""


def words_of(given: Mapping[str, str], asked: Asked | None) -> dict[str, Any]:
    """What is searched for; of a search that cannot be, what was typed."""
    if asked is None:
        fields = SearchRequest.__struct_fields__
        return {name: value for name, value in given.items() if name in fields}
    return {name: value for name, value in asked.asked().items() if name not in ("after", "limit")}
