"""The page of dead letters: found by the filters of the command line, shown, sent back, thrown
away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import ServiceUnavailable
from pipeline.letters.desk import Listed
from pipeline.letters.filters import FILTERS, LetterFilter, filter_of
from pipeline.records import DeadLetter, Reason, Stage
from pipeline.settings import Scope
from pipeline.web.keys import Keys
from pipeline.web.letter_routes import OpenLetters
from pipeline.web.pages.alerts_page import from_our_pages
from pipeline.web.pages.templates import Templates
from pipeline.web.problems import invalid

PATH = "/dead-letters"
_BODY_LIMIT = 65_536
_LISTED = 50
_SHOWN_CHARS = 65_536
_Form = Annotated[bytes, Body()]


class LettersPage:
    """Lists and shows letters; its forms send those back, or throw them away, that it lists."""

    def __init__(
        self,
        letters: OpenLetters,
        templates: Templates,
        keys: Keys,
        clock: Callable[[], datetime],
    ) -> None:
        self._letters = letters
        self._templates = templates
        self._keys = keys
        self._clock = clock

    def router(self) -> APIRouter:
        """The addresses."""
        router = APIRouter(include_in_schema=False)
        key = Depends(self._keys.needed(Scope.DEAD_LETTERS))
        router.add_api_route(PATH, self.show, dependencies=[key], response_model=None)
        for name, act in (("replay", self.replay), ("purge", self.purge)):
            router.add_api_route(
                f"{PATH}/{name}",
                act,
                methods=["POST"],
                dependencies=[Depends(from_our_pages), key],
                response_model=None,
            )
        return router

    async def show(self, request: Request) -> Response:
        """Those that the address asks for, and one whole where it names it."""
        words = {name: request.query_params.get(name, "") for name in FILTERS}
        listed, letter, problem = Listed([], 0), None, ""
        try:
            wanted = filter_of(words, self._clock())
            async with self._letters() as desk:
                listed = await desk.newest(wanted, _LISTED)
                letter = await desk.show(wanted.id) if wanted.id else None
        except (ServiceUnavailable, ValueError) as error:
            problem = str(error)
        return self._templates.page(
            "letters",
            here=PATH,
            words=words,
            filters=FILTERS,
            choices={"stage": list(Stage), "reason": list(Reason)},
            listed=listed,
            letter=letter,
            text=_text(letter),
            problem=problem,
            done=request.query_params.get("done", "")[:200],
        )

    async def replay(self, body: _Form = b"") -> Response:
        """Send back what the form names."""
        words, wanted = self._meant(body)
        async with self._letters() as desk:
            done = await desk.replay(wanted)
        stay = "".join(f"; {count} stay: each {why}" for why, count in done.refused.items())
        return _back(words, f"{done.replayed} were sent back{stay}")

    async def purge(self, body: _Form = b"") -> Response:
        """Throw away what the form names."""
        words, wanted = self._meant(body)
        async with self._letters() as desk:
            count = await desk.purge(wanted)
        return _back(words, f"{count} were thrown away")

    def _meant(self, body: bytes) -> tuple[Mapping[str, str], LetterFilter]:
        given = parse_qs(body[:_BODY_LIMIT].decode("utf-8", "replace"))
        words = {name: given.get(name, [""])[0] for name in FILTERS}
        try:
            wanted = filter_of(words, self._clock())
        except ValueError as error:
            raise invalid(str(error)) from error
        if wanted.is_everything:
            raise invalid("say which letters are meant: give a filter")
        return words, wanted


def _back(words: Mapping[str, str], done: str) -> Response:
    kept = {name: text for name, text in words.items() if text and name != "id"}
    return RedirectResponse(f"{PATH}?{urlencode(kept | {'done': done})}", 303)


def _text(letter: DeadLetter | None) -> str:
    """The beginning of what was refused, where that is a text."""
    if letter is None:
        return ""
    try:
        return letter.payload_bytes().decode()[:_SHOWN_CHARS]
    except UnicodeDecodeError:
        return ""
