"""Every request is measured once, under the template of its route."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.staticfiles import StaticFiles

from pipeline.web.measured import Measured
from pipeline.web.pages.templates import STATIC


def application() -> FastAPI:
    app = FastAPI()
    api, pages = APIRouter(prefix="/things"), APIRouter()

    @api.get("/{thing}")
    @pages.get("/pages/{thing}")
    async def show(thing: str) -> PlainTextResponse:
        return PlainTextResponse(thing)

    @api.get("/{thing}/broken")
    async def broken(thing: str) -> None:
        raise RuntimeError(thing)

    @pages.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(AsyncLines(), media_type="text/plain")

    app.include_router(api, prefix="/api/v1")
    app.include_router(pages)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_middleware(Measured, prefix="/api/v1")
    return app


class AsyncLines:
    def __init__(self) -> None:
        self.left = 3

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        self.left -= 1
        if self.left < 0:
            raise StopAsyncIteration
        return "line\n"


def measured() -> dict[tuple[str, str, str], float]:
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "news_http_request_seconds_count"
    }


async def asked(method: str, path: str) -> dict[tuple[str, str, str], float]:
    """What was measured of one request."""
    before = measured()
    transport = ASGITransport(application(), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        await client.request(method, path)
    after = measured()
    return {
        each: count - before.get(each, 0)
        for each, count in after.items()
        if count != before.get(each, 0)
    }


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/api/v1/things/one", ("GET", "/api/v1/things/{thing}", "200")),
        ("GET", "/api/v1/things/one/broken", ("GET", "/api/v1/things/{thing}/broken", "500")),
        ("GET", "/pages/api", ("GET", "/pages/{thing}", "200")),
        ("GET", "/static/style.css", ("GET", "static", "200")),
        ("GET", "/static/secret-name", ("GET", "static", "404")),
        ("GET", "/wp-login.php", ("GET", "none", "404")),
        ("GET", "/api/v1/wp-login.php", ("GET", "none", "404")),
        ("BREW", "/pages/one", ("other", "/pages/{thing}", "405")),
        ("BREW", "/nowhere", ("other", "none", "404")),
        ("GET", "/stream", ("GET", "/stream", "200")),
    ],
)
async def test_a_request_counts_once_under_its_route_and_never_its_path(
    method: str, path: str, labels: tuple[str, str, str]
) -> None:
    assert await asked(method, path) == {labels: 1}
