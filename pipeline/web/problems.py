"""Errors as answers: RFC 9457, one line for people, nothing of what goes on inside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from elasticsearch import ApiError, TransportError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from pipeline.errors import ServiceUnavailable
from pipeline.index.client import describe
from pipeline.search.request import InvalidSearch

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "5"

_SCHEMA = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


class Problem(Exception):
    """What is wrong with a request, as its answer says it."""

    def __init__(
        self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})

    def answer(self) -> JSONResponse:
        """The response that tells it."""
        body = {"title": self.title, "status": self.status, "detail": self.detail}
        return JSONResponse(body, self.status, self.headers, media_type=MEDIA_TYPE)


def invalid(detail: str) -> Problem:
    """A value that cannot be used."""
    return Problem(422, "Invalid request", detail)


def not_found(what: str) -> Problem:
    """Something that is not there."""
    return Problem(404, "Not found", f"there is no {what}")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": title, "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status, title in {
        400: "Unreadable request",
        401: "Unauthorized",
        403: "Forbidden",
        408: "Too slow",
        413: "Too large",
        422: "Invalid request",
        429: "Too many requests",
        503: "Elasticsearch does not answer",
    }.items()
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"description": "Not found", "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
}


Page = Callable[[str, str, int], Response]
"""Makes a page of a problem's title, detail and status."""


def answers(page: Page) -> Callable[[Request, Problem], Response]:
    """What answers an error: JSON below ``/api/``, else a page."""

    def answer(request: Request, problem: Problem) -> Response:
        if request.url.path.startswith("/api/"):
            return problem.answer()
        if problem.status == 401:
            return RedirectResponse("/sign-in", 303)
        shown = page(problem.title, problem.detail, problem.status)
        shown.headers.update(problem.headers)
        return shown

    return answer


def register(app: FastAPI, answer: Callable[[Request, Problem], Response]) -> None:
    """Give every error one form of ``answer``."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
        return answer(request, invalid(f"{where}: {first['msg']}"))

    @app.exception_handler(InvalidSearch)
    async def search(request: Request, error: InvalidSearch) -> Response:
        return answer(request, invalid(str(error)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return answer(request, _of_http(request, error))

    @app.exception_handler(ServiceUnavailable)
    async def no_kafka(request: Request, error: ServiceUnavailable) -> Response:
        return answer(request, unavailable(error))

    @app.exception_handler(TransportError)
    @app.exception_handler(ApiError)
    async def outage(request: Request, error: TransportError | ApiError) -> Response:
        logger.warning("Elasticsearch: %s", describe(error))
        return answer(request, of_elasticsearch(error))


def _of_http(request: Request, error: HTTPException) -> Problem:
    headers = dict(error.headers or {})
    if error.status_code == 405 and (methods := _methods_of(request)):
        headers["Allow"] = ", ".join(methods)
    return Problem(error.status_code, error.detail, error.detail, headers)


def _methods_of(request: Request) -> list[str]:
    """What an address can be asked, as it is described: it may have several routes, and the router
    names the methods of the first."""
    described = request.app.openapi()["paths"].items()
    found = (methods for path, methods in described if _matches(path, request.url.path))
    return sorted(method.upper() for methods in found for method in methods)


def _matches(template: str, path: str) -> bool:
    pattern, _, _ = compile_path(template)
    return pattern.match(path) is not None


def unavailable(error: ServiceUnavailable) -> Problem:
    """A server that does not answer."""
    return Problem(503, "Not available", str(error), {"Retry-After": RETRY_SECONDS})


def of_elasticsearch(error: TransportError | ApiError) -> Problem:
    """What a failed search means to whoever asked: too much of it, or an outage."""
    if isinstance(error, ApiError) and error.meta.status == 400:
        return Problem(
            400, "The search cannot be run", "ask for less at once: fewer words, a shorter name"
        )
    return Problem(
        503,
        "Elasticsearch does not answer",
        "the search cannot be run now; try again",
        {"Retry-After": RETRY_SECONDS},
    )
