"""The web application: routes, keys, limits and errors put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.metadata import version
from typing import NamedTuple

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from pipeline.alerts.log import LoggedAlert
from pipeline.feeds.status import FeedStatus
from pipeline.records import SavedSearch, WaitingSearch
from pipeline.search import ArticleHit, Found, StatementHit
from pipeline.search.library import Library
from pipeline.search.places import PlaceCount
from pipeline.search.profile import Profile
from pipeline.search.revisions import RevisionView, Version
from pipeline.search.whole import StoryView, WholeArticle
from pipeline.settings import ApiSettings, Scope
from pipeline.web import (
    health_routes,
    letter_routes,
    live_routes,
    problems,
    revision_routes,
    saved_routes,
    search_routes,
    view_routes,
)
from pipeline.web.alert_desk import AlertDesk
from pipeline.web.answers import describe_records
from pipeline.web.guard import Guard
from pipeline.web.health import Health, LineHealth
from pipeline.web.keys import Keys
from pipeline.web.letter_routes import OpenLetters
from pipeline.web.limits import Limits
from pipeline.web.live import Live
from pipeline.web.measured import Measured
from pipeline.web.pages import sign_in
from pipeline.web.pages.alerts_page import AlertsPage
from pipeline.web.pages.letters_page import LettersPage
from pipeline.web.pages.routes import Pages
from pipeline.web.pages.templates import STATIC, Templates
from pipeline.web.saved_routes import KeptSearch
from pipeline.web.security import SecurityHeaders

PREFIX = "/api/v1"
_RECORDS = (
    Found[ArticleHit], Found[StatementHit], WholeArticle, StoryView, list[Version], RevisionView,
    Profile, list[PlaceCount], list[FeedStatus], LineHealth, list[SavedSearch], list[LoggedAlert],
    KeptSearch, list[WaitingSearch], *letter_routes.RECORDS,
)  # fmt: skip


def build_web(
    library: Library,
    health: Health,
    desk: AlertDesk,
    letters: OpenLetters,
    settings: ApiSettings,
    clock: Callable[[], datetime],
) -> FastAPI:
    """The application over ``library``, with what ``health`` knows of the line, the searches at
    ``desk``, and the dead letters that ``letters`` opens."""
    live = Live(library)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await live.close()

    app = FastAPI(
        title="News pipeline",
        version=version("news-pipeline"),
        summary="Who said what, about whom, when, in which source.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        lifespan=lifespan,
    )
    app.state.live = live
    keys, templates = Keys(settings.keys), Templates(clock)
    answer = problems.answers(templates.problem)
    limits = Limits(settings.requests_per_minute)
    app.add_middleware(
        Guard, keys=keys, limits=limits, streams=settings.streams_per_client, refuse=answer
    )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts))
    app.add_middleware(Measured, prefix=PREFIX)
    problems.register(app, answer)
    describe_records(app, _RECORDS)
    app.include_router(health_routes.probes(library))
    add = _Adding(app, keys)
    _add_api(add, library, health, desk, settings, clock, live)
    add(letter_routes.routes(letters, clock), Scope.DEAD_LETTERS)
    app.include_router(sign_in.routes(keys, templates))
    app.include_router(AlertsPage(desk, templates, keys).router())
    app.include_router(LettersPage(letters, templates, keys, clock).router())
    pages = Pages(library, health, templates, clock)
    app.include_router(pages.router(), dependencies=[Depends(keys.needed(Scope.SEARCH))])
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


class _Adding(NamedTuple):
    """Adds routes of the API, each with the key that it needs."""

    app: FastAPI
    keys: Keys

    def __call__(self, router: APIRouter, scope: Scope, *, in_address: bool = False) -> None:
        key = self.keys.needed(scope, in_address=in_address)
        self.app.include_router(router, prefix=PREFIX, dependencies=[Depends(key)])


def _add_api(
    add: _Adding,
    library: Library,
    health: Health,
    desk: AlertDesk,
    settings: ApiSettings,
    clock: Callable[[], datetime],
    live: Live,
) -> None:
    # Exports before articles: /articles/export is no article's id.
    add(search_routes.export_routes(library, clock, settings.export_limit), Scope.EXPORT)
    add(live_routes.routes(live), Scope.SEARCH)
    add(search_routes.routes(library, clock), Scope.SEARCH)
    add(view_routes.routes(library, clock), Scope.SEARCH)
    add(revision_routes.routes(library), Scope.SEARCH)
    add(health_routes.routes(health), Scope.SEARCH)
    add(saved_routes.read_routes(desk), Scope.SEARCH)
    add(saved_routes.feed_routes(desk, library, clock), Scope.SEARCH, in_address=True)
    add(saved_routes.write_routes(desk), Scope.SEARCHES)
