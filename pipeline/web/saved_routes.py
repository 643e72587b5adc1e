"""Saved searches: kept, listed, taken away, read as a feed; and the alerts they led to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from elasticsearch import ApiError, TransportError
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from pipeline.alerts import searches
from pipeline.alerts.atom import CONTENT_TYPE, feed_of
from pipeline.alerts.log import LoggedAlert
from pipeline.errors import ConfigurationError
from pipeline.records import SavedSearch, WaitingSearch
from pipeline.records.saved_search import About
from pipeline.search import ArticleHit, StatementHit
from pipeline.search.library import Library
from pipeline.web.alert_desk import AlertDesk, Exists, NewSecret
from pipeline.web.answers import Json, answers
from pipeline.web.problems import NOT_FOUND, PROBLEMS, Problem, invalid, not_found

FEED_ENTRIES = 50
_MOST = 10  # destinations of one search
SearchId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class KeptSearch(msgspec.Struct, frozen=True):
    """A search that was saved, and the secrets that were made for its webhooks, told only now."""

    search: SavedSearch
    secrets: list[NewSecret]


class NewSearch(BaseModel):
    """A search to save. ``query`` has the names and values of a search's address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    about: About = "statements"
    query: dict[str, Annotated[str, Field(max_length=1_000)]] = Field(min_length=1, max_length=20)
    webhooks: tuple[Annotated[str, Field(max_length=2_048)], ...] = Field((), max_length=_MOST)
    emails: tuple[Annotated[str, Field(max_length=320)], ...] = Field((), max_length=_MOST)


def read_routes(desk: AlertDesk) -> APIRouter:
    """What searches there are, and what became of their alerts."""
    router = APIRouter(tags=["saved searches"], responses=PROBLEMS)

    @router.get("/searches", responses=answers(list[SavedSearch], "By id; secrets are hidden."))
    async def list_all() -> Response:
        """The saved searches, and whom each tells."""
        return Json([searches.shown(each) for each in await desk.list_all()])

    @router.get(
        "/alerts/waiting",
        responses=answers(list[WaitingSearch], "Where each has waited longest; none is lost."),
    )
    async def waiting() -> Response:
        """The searches that cannot be asked, why, and since when. What they miss is told later."""
        return Json(sorted((await desk.waiting()).values(), key=lambda each: each.search_id))

    @router.get("/alerts", responses=answers(list[LoggedAlert], "The newest first."))
    async def log(
        search: Annotated[str, Query(max_length=64)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        """The last alerts, and how far each is on its way to whom."""
        return Json(await desk.log(limit, search or None))

    return router


def feed_routes(desk: AlertDesk, library: Library, clock: Callable[[], datetime]) -> APIRouter:
    """A search as a feed."""
    router = APIRouter(tags=["saved searches"], responses=PROBLEMS)

    @router.get(
        "/searches/{search_id}/feed",
        responses=_ATOM | NOT_FOUND,
    )
    async def feed(search_id: SearchId, request: Request) -> Response:
        """What a saved search finds, as Atom. A reader that cannot send a header may put its key
        into the address: ``?key=KEY``."""
        search = await desk.find(search_id)
        if search is None:
            raise not_found("such search")
        waits = (await desk.waiting()).get(search_id)
        found: tuple[ArticleHit, ...] | tuple[StatementHit, ...] = ()
        try:
            found = await _finds(library, search, clock())
        except (ApiError, TransportError, ValueError):
            if waits is None:  # else the feed itself says what is wrong
                raise
        address = str(request.url.replace(query=""))
        return Response(feed_of(search, found, address, waits), media_type=CONTENT_TYPE)

    return router


def write_routes(desk: AlertDesk) -> APIRouter:
    """Searches are saved and taken away."""
    router = APIRouter(tags=["saved searches"], responses=PROBLEMS)

    @router.post(
        "/searches",
        status_code=201,
        responses=_SAVED | _CONFLICT,
    )
    async def save(new: NewSearch, replace: bool = False) -> Response:
        """Save a search: it is asked of everything that is indexed from now on."""
        return Json(await saved(desk, new, replace=replace), 201)

    @router.delete("/searches/{search_id}", status_code=204, responses=NOT_FOUND)
    async def remove(search_id: SearchId) -> Response:
        """Take a search away, with what it has not delivered yet."""
        if not await desk.remove(search_id):
            raise not_found("such search")
        return Response(status_code=204)

    return router


async def saved(desk: AlertDesk, new: NewSearch, *, replace: bool) -> dict[str, Any]:
    """Save it; the secrets of its webhooks are shown beside it. Raises a Problem."""
    try:
        kept, secrets = await desk.save(
            new.name,
            new.about,
            new.query,
            webhooks=new.webhooks,
            emails=new.emails,
            replace=replace,
        )
    except ValueError as error:
        raise invalid(str(error)) from error
    except Exists as error:
        raise Problem(409, "Conflict", f"there is a search {error} already") from error
    except ConfigurationError as error:
        raise Problem(409, "Conflict", str(error)) from error
    return {"search": searches.shown(kept), "secrets": secrets}


async def _finds(
    library: Library, search: SavedSearch, now: datetime
) -> tuple[ArticleHit, ...] | tuple[StatementHit, ...]:
    request = msgspec.structs.replace(
        searches.request(search, now), order="newest", limit=FEED_ENTRIES
    )
    if search.about == "articles":
        return (await library.articles(request)).hits
    return (await library.statements(request)).hits


_ATOM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What it finds, newest first.",
        "content": {"application/atom+xml": {"schema": {"type": "string"}}},
    }
}
_SAVED: dict[int | str, dict[str, Any]] = {201: answers(KeptSearch, "As it was saved.")[200]}
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "There is one of that name.", "content": NOT_FOUND[404]["content"]}
}
