"""Holds a station back while refusals are a fault of ours, and lets it go on when that is mended.

What is held is neither acknowledged nor a dead letter: it is tried again, at growing intervals, for
as long as it takes. What went through beside it is delivered at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import NamedTuple, Protocol

from pipeline.agents.batch import RawMessage
from pipeline.agents.refusals import LIMIT, RefusalLimit, Verdict
from pipeline.agents.taken import Refused
from pipeline.kafka.ports import Publisher
from pipeline.kafka.states import HELD_STATIONS, end_message, state_message
from pipeline.metrics import HELD
from pipeline.records import HeldStation, Reason, Stage
from pipeline.settings import Settings

logger = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 1.0
_BEAT_SECONDS = 5.0
_LOG_SECONDS = 60.0
_ACCEPT = "or let them become dead letters: dead_letters.accept"
_REMEDIES = {
    Reason.MAPPING: "put the index templates in place: pipeline setup; an index made without them "
    "has to be made anew",
    Reason.REFUSED_BY_INDEX: f"compare the index with its template (pipeline setup), {_ACCEPT}",
    Reason.SCHEMA: f"let producer and station be of the same version, {_ACCEPT}",
    Reason.NLP_CRASH: f"give the model more memory or fewer enrich.processes, {_ACCEPT}",
    Reason.NLP_TIMEOUT: f"raise enrich.text_timeout_seconds, {_ACCEPT}",
    Reason.NLP_ERROR: f"try the model on a text of yours: pipeline enrich, {_ACCEPT}",
}
_OVER_LIMIT = "look at what is refused: pipeline dead-letters list; raise dead_letters.limit"


class Attempt(Protocol):
    """What a station does with messages."""

    async def __call__(self, messages: Sequence[RawMessage], /) -> Sequence[Refused]:
        """Deliver what goes through, and return what is refused."""


Settle = Callable[[Sequence[Refused]], Awaitable[None]]
"""Delivers dead letters and counts them."""

Resting = Callable[[], AbstractContextManager[None]]
"""The context in which a station waits."""


class Clocks(NamedTuple):
    """What a gate knows of time."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Gate:
    """The gate of one station and topic. ``beat`` tells a watchdog, while it waits, that it does.
    ``resting`` is entered for as long as it waits between two tries."""

    def __init__(
        self,
        stage: Stage,
        settings: Settings,
        publisher: Publisher,
        clocks: Clocks,
        *,
        beat: Callable[[], None] = lambda: None,
        resting: Resting = nullcontext,
    ) -> None:
        self._stage = stage
        self._limit = RefusalLimit(settings.dead_letters)
        self._longest = settings.dead_letters.longest_retry_seconds
        self._topic = settings.topics.stations
        self._publisher = publisher
        self._clocks = clocks
        self._beat = beat
        self._resting = resting
        self._told_at: float | None = None

    async def through(self, batch: Sequence[RawMessage], attempt: Attempt, settle: Settle) -> None:
        """Return when every message has gone through, or is a delivered dead letter."""
        pending, seconds = list(batch), _FIRST_RETRY_SECONDS
        hold: HeldStation | None = None
        began = self._clocks.monotonic()
        try:
            while pending:
                refused = await attempt(pending)
                reasons = [each.letter.reason for each in refused]
                done = len(pending) - len(refused)
                now = self._clocks.monotonic()
                verdict = self._limit.decide(reasons, done, now, now - began if hold else 0.0)
                await settle([refused[place] for place in verdict.admitted])
                held = [refused[place] for place in sorted(verdict.held)]
                pending = [each.taken.raw for each in held]
                if held:
                    hold = await self._hold(held, verdict, hold)
                    with self._resting():
                        await self._wait(seconds)
                    seconds = min(seconds * 2, self._longest)
        finally:
            self._show(None, hold)
        if hold is not None:
            await self._let_go(hold)

    async def _hold(
        self, held: Sequence[Refused], verdict: Verdict, before: HeldStation | None
    ) -> HeldStation:
        now, cause = self._clocks.now(), verdict.cause or LIMIT
        first = next(each for each in held if cause in {each.letter.reason, LIMIT})
        raw = first.taken.raw
        hold = HeldStation(
            stage=self._stage,
            place=before.place if before else f"{raw.topic}/{raw.partition}",
            cause=cause,
            detail=first.letter.detail,
            remedy=_REMEDIES[Reason(cause)] if cause != LIMIT else _OVER_LIMIT,
            messages=len(held),
            since=before.since if before else now,
            updated_at=now,
        )
        self._show(hold, before)
        self._say(hold)
        await self._publisher.publish([state_message(self._topic, HELD_STATIONS, hold)])
        return hold

    async def _let_go(self, hold: HeldStation) -> None:
        self._told_at = None
        logger.warning("%s goes on: what was held (%s) went through", self._stage, hold.cause)
        await self._publisher.publish([end_message(self._topic, hold.id, self._clocks.now())])

    def _show(self, hold: HeldStation | None, before: HeldStation | None) -> None:
        if before is not None:
            HELD.labels(self._stage, before.cause).dec()
        if hold is not None:
            HELD.labels(self._stage, hold.cause).inc()

    def _say(self, hold: HeldStation) -> None:
        """At first, and then now and again."""
        now = self._clocks.monotonic()
        if self._told_at is not None and now - self._told_at < _LOG_SECONDS:
            return
        self._told_at = now
        logger.error(
            "%s is held, nothing is lost: %d messages are refused (%s: %s); %s",
            self._stage,
            hold.messages,
            hold.cause,
            hold.detail,
            hold.remedy,
        )

    async def _wait(self, seconds: float) -> None:
        while seconds > 0:
            self._beat()
            await self._clocks.sleep(min(seconds, _BEAT_SECONDS))
            seconds -= _BEAT_SECONDS
        self._beat()
