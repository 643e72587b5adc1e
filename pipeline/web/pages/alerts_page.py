"""The page of saved searches: kept and taken away by forms that only our own pages may send."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from pipeline.alerts import searches
from pipeline.errors import ServiceUnavailable
from pipeline.settings import Scope
from pipeline.web.alert_desk import AlertDesk
from pipeline.web.keys import Keys
from pipeline.web.pages.templates import Templates
from pipeline.web.problems import Problem
from pipeline.web.saved_routes import NewSearch, SearchId, saved

PATH = "/alerts"
_BODY_LIMIT = 65_536
_LOG = 20
_INPUTS = (
    ("text", "Words"), ("speaker", "Speaker"), ("entity", "About or to"), ("role", "Role"),
    ("source", "Source"), ("language", "Language"), ("country", "Country"),
)  # fmt: skip
_DRAFT = {*(name for name, _ in _INPUTS), "about", "type", "kind", "asserted", "stories"}
_Form = Annotated[bytes, Body()]


def from_our_pages(request: Request) -> None:
    """Raise a Problem for a form that another site's page sent: a browser says so."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    same_host = origin is None or origin.partition("://")[2] == request.headers.get("Host")
    # Older browsers say only from which origin a form is.
    if site not in {"same-origin", "none"} if site else not same_host:
        raise Problem(403, "Forbidden", "this form is not one of our pages")


class AlertsPage:
    """Lists, saves and removes searches."""

    def __init__(self, desk: AlertDesk, templates: Templates, keys: Keys) -> None:
        self._desk = desk
        self._templates = templates
        self._keys = keys

    def router(self) -> APIRouter:
        """The addresses."""
        router = APIRouter(include_in_schema=False)
        reads = [Depends(self._keys.needed(Scope.SEARCH))]
        writes = [Depends(from_our_pages), Depends(self._keys.needed(Scope.SEARCHES))]
        router.add_api_route(PATH, self.show, dependencies=reads, response_model=None)
        router.add_api_route(
            PATH, self.save, methods=["POST"], dependencies=writes, response_model=None
        )
        router.add_api_route(
            f"{PATH}/{{search_id}}/remove",
            self.remove,
            methods=["POST"],
            dependencies=writes,
            response_model=None,
        )
        return router

    async def show(self, request: Request) -> Response:
        """All of them; the form is filled in with what the address says."""
        given = request.query_params
        return await self._page({name: given[name] for name in given if name in _DRAFT})

    async def save(self, body: _Form = b"") -> Response:
        """Keep what the form says."""
        form = _fields(body)
        try:
            kept = await saved(self._desk, _new_search(form), replace=False)
        except Problem as problem:
            return await self._page(form, problem=problem.detail, status=problem.status)
        except ValidationError as error:
            first = error.errors()[0]
            problem_text = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            return await self._page(form, problem=problem_text, status=422)
        if kept["secrets"]:
            return await self._page({}, secrets=kept["secrets"])
        return RedirectResponse(PATH, 303)

    async def remove(self, search_id: SearchId) -> Response:
        """Take it away, if it is there."""
        await self._desk.remove(search_id)
        return RedirectResponse(PATH, 303)

    async def _page(
        self,
        draft: dict[str, str],
        *,
        problem: str = "",
        status: int = 200,
        secrets: Any = (),
    ) -> Response:
        found, log = [], []
        try:
            waiting = await self._desk.waiting()
            found = [
                searches.shown(each, waiting.get(each.id)) for each in await self._desk.list_all()
            ]
            log = await self._desk.log(_LOG)
        except ServiceUnavailable as error:
            problem = problem or str(error)
        return self._templates.page(
            "alerts",
            here=PATH,
            status=status,
            problem=problem,
            secrets=msgspec.to_builtins(secrets),
            searches=found,
            log=log,
            draft=draft,
            inputs=(*_INPUTS, *((name, name) for name in draft if name in _UNSEEN)),
        )


_UNSEEN = ("type", "kind", "asserted", "stories")


def _fields(body: bytes) -> dict[str, str]:
    given = parse_qs(body[:_BODY_LIMIT].decode("utf-8", "replace"))
    return {name: values[0].strip() for name, values in given.items() if values[0].strip()}


def _new_search(form: dict[str, str]) -> NewSearch:
    asked = {name: form[name] for name in form if name in _DRAFT - {"about"}}
    return NewSearch.model_validate(
        {
            "name": form.get("name", ""),
            "about": form.get("about", "statements"),
            "query": asked,
            "webhooks": [form["webhook"]] if "webhook" in form else [],
            "emails": [form["email"]] if "email" in form else [],
        }
    )
