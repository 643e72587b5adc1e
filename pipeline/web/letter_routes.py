"""Dead letters over the API: listed, shown, sent back, thrown away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from pipeline.letters.desk import LetterDesk, Listed, Replayed
from pipeline.letters.filters import FILTERS, LetterFilter, filter_of
from pipeline.records import DeadLetter, Reason, Stage
from pipeline.web.answers import Json, answers
from pipeline.web.params import Time, Words
from pipeline.web.problems import NOT_FOUND, PROBLEMS, invalid, not_found

OpenLetters = Callable[[], AbstractAsyncContextManager[LetterDesk]]

MAX_LISTED = 500
_MAX_ID_CHARS = 500


class Purged(msgspec.Struct, frozen=True):
    """How many letters were thrown away."""

    purged: int


class Which(BaseModel):
    """Which letters are meant; names and meanings are those of ``pipeline dead-letters``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage | None = Field(None, description=FILTERS["stage"])
    reason: Reason | None = Field(None, description=FILTERS["reason"])
    since: Time | None = Field(None, description=FILTERS["since"])
    until: Time | None = Field(None, description=FILTERS["until"])
    source: Words | None = Field(None, description=FILTERS["source"])
    topic: Words | None = Field(None, description=FILTERS["topic"])
    id: str | None = Field(None, max_length=_MAX_ID_CHARS, description=FILTERS["id"])

    def wanted(self, now: datetime) -> LetterFilter:
        """The filter. Raises a Problem for a time that is none."""
        given = self.model_dump(include=set(FILTERS))
        try:
            return filter_of(given, now)
        except ValueError as error:
            raise invalid(str(error)) from error


class ListedWhich(Which):
    """Which letters are listed, and how many at most."""

    limit: int = Field(50, ge=1, le=MAX_LISTED)


class Chosen(Which):
    """Which letters something is done with: ``all`` where nothing narrows them."""

    all: StrictBool = False
    dry_run: StrictBool = Field(False, description="Only count them.")

    def chosen(self, now: datetime) -> LetterFilter:
        """The filter. Raises a Problem for all of them by mistake."""
        wanted = self.wanted(now)
        if wanted.is_everything and not self.all:
            raise invalid("say which: give a filter, or all")
        return wanted


def routes(letters: OpenLetters, clock: Callable[[], datetime]) -> APIRouter:
    """``/dead-letters`` and what is below it."""
    router = APIRouter(tags=["dead letters"], prefix="/dead-letters", responses=PROBLEMS)

    @router.get("", responses=answers(Listed, "The newest first, without their payloads."))
    async def newest(which: Annotated[ListedWhich, Query()]) -> Response:
        """What was refused, why, and where it was read."""
        async with letters() as desk:
            return Json(await desk.newest(which.wanted(clock()), which.limit))

    @router.get(
        "/letter", responses=answers(DeadLetter, "With its payload, in base64.") | NOT_FOUND
    )
    async def show(id: Annotated[str, Query(max_length=_MAX_ID_CHARS)]) -> Response:  # noqa: A002
        """One letter, whole."""
        async with letters() as desk:
            letter = await desk.show(id)
        if letter is None:
            raise not_found("such dead letter")
        return Json(letter)

    @router.post("/replay", responses=answers(Replayed, "How many were sent back, or stay."))
    async def replay(which: Chosen) -> Response:
        """Send messages back to the topic they were read from, and end their letters."""
        async with letters() as desk:
            return Json(await desk.replay(which.chosen(clock()), dry_run=which.dry_run))

    @router.post("/purge", responses=answers(Purged, "How many there were."))
    async def purge(which: Chosen) -> Response:
        """Throw letters away, for good."""
        async with letters() as desk:
            return Json(Purged(await desk.purge(which.chosen(clock()), dry_run=which.dry_run)))

    return router


RECORDS: tuple[Any, ...] = (Listed, DeadLetter, Replayed, Purged)
