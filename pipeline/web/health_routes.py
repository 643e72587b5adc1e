"""Whether it runs, and how."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from pipeline.feeds.status import FeedStatus
from pipeline.search.library import Library
from pipeline.web.answers import Json, answers
from pipeline.web.health import Health, LineHealth
from pipeline.web.problems import PROBLEMS


def routes(health: Health) -> APIRouter:
    """``/health/feeds`` and ``/health/line``."""
    router = APIRouter(tags=["health"], prefix="/health", responses=PROBLEMS)

    @router.get("/feeds", responses=answers(list[FeedStatus], "Every feed, the worst first."))
    async def feeds() -> Response:
        """How each feed is doing."""
        return Json(await health.feeds())

    @router.get("/line", responses=answers(LineHealth, "The stations of the line."))
    async def line() -> Response:
        """What each station has not done yet, and what could not be read."""
        return Json(await health.line())

    return router


def probes(library: Library) -> APIRouter:
    """``/healthz`` and ``/readyz``, for whoever keeps the process running; without keys."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> Response:
        return PlainTextResponse("alive\n")

    @router.get("/readyz")
    async def ready() -> Response:
        if await library.is_ready():
            return PlainTextResponse("ready\n")
        return PlainTextResponse("Elasticsearch does not answer\n", 503)

    return router
