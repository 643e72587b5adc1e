"""Keys for browsers: a key is typed once and kept in a cookie that no script can read."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Body, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.web.keys import COOKIE, Keys
from pipeline.web.pages.templates import Templates

PATH = "/sign-in"
_SECONDS = 30 * 24 * 3600
_BODY_LIMIT = 4_096


def routes(keys: Keys, templates: Templates) -> APIRouter:
    """The page that asks for a key."""
    router = APIRouter(include_in_schema=False)

    @router.get(PATH)
    async def ask() -> Response:
        return templates.page("sign_in", problem="")

    @router.post(PATH)
    async def take(request: Request, body: Annotated[bytes, Body()] = b"") -> Response:
        form = parse_qs(body[:_BODY_LIMIT].decode("utf-8", "replace"))
        key = form.get("key", [""])[0].strip()
        if keys.holder(key) is None:
            return templates.page("sign_in", status=401, problem="This server knows no such key.")
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE,
            key,
            max_age=_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    return router
