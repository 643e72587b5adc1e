"""Articles and statements: found, counted, and exported as they are found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import Field

from pipeline.search import ArticleHit, Found, StatementHit
from pipeline.search.library import Library
from pipeline.search.rows import csv_lines
from pipeline.web.answers import Json, answers
from pipeline.web.params import ArticlePage, ArticleSearch, StatementPage, StatementSearch
from pipeline.web.problems import PROBLEMS, invalid

Clock = Callable[[], datetime]

_PIECE = 65_536  # bytes


class _ExportedArticles(ArticleSearch):
    format: Literal["jsonl", "csv"] = "jsonl"
    limit: int | None = Field(None, ge=1, description="Articles at most.")


class _ExportedStatements(StatementSearch):
    format: Literal["jsonl", "csv"] = "jsonl"
    limit: int | None = Field(None, ge=1, description="Statements at most.")


def routes(library: Library, clock: Clock) -> APIRouter:
    """``/articles`` and ``/statements``."""
    router = APIRouter(tags=["search"], responses=PROBLEMS)

    @router.get("/articles", responses=answers(Found[ArticleHit], "A page of articles."))
    async def articles(asked: Annotated[ArticlePage, Query()]) -> Response:
        """Articles by words, names, source and time; with facets and a timeline if asked for."""
        now = clock()
        found = await library.articles(asked.request(now), asked.beside(now))
        return Json(found)

    @router.get("/statements", responses=answers(Found[StatementHit], "A page of statements."))
    async def statements(asked: Annotated[StatementPage, Query()]) -> Response:
        """Who said what, to whom, about whom, when, in which source."""
        now = clock()
        found = await library.statements(asked.request(now), asked.beside(now))
        return Json(found)

    return router


def export_routes(library: Library, clock: Clock, limit: int) -> APIRouter:
    """The same to the end: ``/articles/export`` and ``/statements/export``."""
    router = APIRouter(tags=["export"], responses=PROBLEMS)

    @router.get("/articles/export", responses=_FILES)
    async def articles(asked: Annotated[_ExportedArticles, Query()]) -> Response:
        """Every article that is found, as JSON lines or CSV."""
        request = asked.request(clock(), limit=1)
        hits = library.every_article(request, _within(asked.limit, limit))
        return _file(hits, ArticleHit, asked.format, "articles")

    @router.get("/statements/export", responses=_FILES)
    async def statements(asked: Annotated[_ExportedStatements, Query()]) -> Response:
        """Every statement that is found, as JSON lines or CSV."""
        request = asked.request(clock(), limit=1)
        hits = library.every_statement(request, _within(asked.limit, limit))
        return _file(hits, StatementHit, asked.format, "statements")

    return router


_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One line for each, as they are found.",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


def _within(asked: int | None, limit: int) -> int:
    if asked is not None and asked > limit:
        raise invalid(f"limit: no more than {limit} at once; narrow the search down")
    return asked or limit


def _file(
    hits: AsyncIterator[Any], kind: type[msgspec.Struct], form: str, name: str
) -> StreamingResponse:
    lines = _csv_lines(hits, kind) if form == "csv" else _json_lines(hits)
    return StreamingResponse(
        _pieces(lines),
        media_type="text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
    )


async def _json_lines(hits: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    encoder = msgspec.json.Encoder()
    async for hit in hits:
        yield encoder.encode_lines([hit])


async def _csv_lines(hits: AsyncIterator[Any], kind: type[msgspec.Struct]) -> AsyncIterator[bytes]:
    yield csv_lines([kind.__struct_fields__]).encode()
    async for hit in hits:
        yield csv_lines([msgspec.structs.astuple(hit)]).encode()


async def _pieces(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, ``_PIECE`` and more at a time."""
    piece = bytearray()
    async for line in lines:
        piece += line
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
