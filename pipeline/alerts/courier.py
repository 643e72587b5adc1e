"""Tries what is due, side by side, for as long as the worker runs.

A destination that is slow or dead takes up at most two tries at a time; the others go on. What came
of a try is saved before the next one of the same delivery, so that whoever takes over goes on from
there. Between two saves a try may be repeated: a webhook's id and a mail's Message-ID tell.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from pipeline.alerts.book import DeliveryBook, is_due
from pipeline.alerts.channels import Carrier
from pipeline.alerts.known import KnownSearches
from pipeline.alerts.plan import Failed, after, ended, route_of, wanted, without
from pipeline.kafka.letters import Addressed, LetterBox
from pipeline.kafka.ports import Publisher
from pipeline.kafka.states import DELIVERIES, SAVED_SEARCHES, state_message
from pipeline.metrics import ALERT_SECONDS, DEAD_LETTERS
from pipeline.metrics import DELIVERIES as COUNTED
from pipeline.records import (
    Alert,
    Delivery,
    DeliveryStatus,
    Reason,
    SavedSearch,
    Stage,
    dead_letter,
    encode,
)
from pipeline.settings import Settings

logger = logging.getLogger(__name__)

_TRIES_PER_ROUTE = 2


class Courier:
    """Delivers what is pending in the partitions that it owns. ``on_progress`` is called whenever
    a try begins or ends."""

    def __init__(
        self,
        settings: Settings,
        book: DeliveryBook,
        searches: KnownSearches,
        carrier: Carrier,
        publisher: Publisher,
        clock: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.on_progress: Callable[[], None] = lambda: None
        self._settings = settings.alerts
        self._topics = settings.topics
        self._letters = LetterBox(
            publisher, settings.topics.dead_letters, settings.kafka.max_message_bytes
        )
        self._book = book
        self._searches = searches
        self._carrier = carrier
        self._publisher = publisher
        self._clock = clock
        self._jitter = jitter
        self._owned: frozenset[int] = frozenset()
        self._new_here = False
        self._tries: dict[asyncio.Task[None], Delivery] = {}
        self._wake = asyncio.Event()
        self._at_rest = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether something is being delivered."""
        return bool(self._tries)

    def wake(self) -> None:
        """Something may be due that was not there before."""
        self._at_rest.clear()
        self._wake.set()

    def owns(self, partitions: frozenset[int]) -> None:
        """These are ours from now on, with all that their last owner has left to do."""
        self._owned = partitions
        self._new_here = True
        self.wake()

    async def lets_go(self) -> None:
        """Begin nothing more, and return when what is under way has ended, or taken too long."""
        self._owned = frozenset()
        if self._tries:
            await asyncio.wait(self._tries, timeout=2 * self._settings.timeout_seconds)

    async def finish(self, seconds: float) -> None:
        """Return when nothing is due or under way any more, at the latest after so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._at_rest.wait()
        except TimeoutError:
            return

    async def run(self) -> None:
        """Deliver until cancelled. Raises what the publisher raises."""
        try:
            while True:
                await self._step()
        finally:
            for each in self._tries:
                each.cancel()
            await asyncio.gather(*self._tries, return_exceptions=True)

    async def _step(self) -> None:
        self._wake.clear()
        self.on_progress()
        if self._new_here:
            self._new_here = False
            await self._book.catch_up()
        due_in = self._begin_what_is_due()
        if not self._tries and not self._wake.is_set():
            self._at_rest.set()
        await self._something_happens(due_in)
        for task in [task for task in self._tries if task.done()]:
            del self._tries[task]
            task.result()

    async def _something_happens(self, seconds: float | None) -> None:
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait(
                {waking, *self._tries}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            waking.cancel()

    def _begin_what_is_due(self) -> float | None:
        """Start as many tries as may be; the seconds until the next is due, None without one."""
        while len(self._tries) < self._settings.concurrency:
            now = self._clock()
            delivery = self._next()
            if delivery is None or delivery.next_try_at is None:
                return None
            if not is_due(delivery, now):
                return (delivery.next_try_at - now).total_seconds()
            self._at_rest.clear()
            self._tries[asyncio.create_task(self._try(delivery))] = delivery
        return None

    def _next(self) -> Delivery | None:
        under_way = self._tries.values()
        counts = Counter(map(route_of, under_way))
        full = [route for route, count in counts.items() if count >= _TRIES_PER_ROUTE]
        ids = [each.id for each in under_way]
        return self._book.next_pending(self._owned, routes=full, ids=ids)

    async def _try(self, delivery: Delivery) -> None:
        search = (await self._searches.latest()).get(delivery.search_id)
        alert = delivery.alert
        if alert is None or search is None or not wanted(delivery, search):
            await self._settle(ended(delivery, DeliveryStatus.WITHDRAWN, self._clock()))
            return
        attempt = await self._carrier.carry(delivery, alert, search)
        now = self._clock()
        if isinstance(attempt, Failed) and attempt.gone:
            await self._switch_off(delivery, search, now)
        state = after(delivery, attempt, now, self._jitter(), self._settings)
        if state.status is DeliveryStatus.GIVEN_UP:
            await self._dead_letter(state, alert, now)
        await self._settle(state)
        if state.status is DeliveryStatus.DELIVERED:
            seconds = (now - alert.indexed_at).total_seconds()
            ALERT_SECONDS.labels(state.channel).observe(max(0.0, seconds))

    async def _switch_off(self, delivery: Delivery, search: SavedSearch, now: datetime) -> None:
        off = without(search, delivery.target, now)
        logger.warning("a webhook of %s is switched off: %s is gone", search.id, delivery.target)
        await self._publisher.publish([state_message(self._topics.searches, SAVED_SEARCHES, off)])

    async def _settle(self, state: Delivery) -> None:
        await self._publisher.publish([state_message(self._topics.deliveries, DELIVERIES, state)])
        self._book.note(state)
        COUNTED.labels(state.channel, "failed" if state.pending else state.status).inc()

    async def _dead_letter(self, state: Delivery, alert: Alert, now: datetime) -> None:
        record = dead_letter(
            stage=Stage.ALERT,
            reason=Reason.UNDELIVERABLE,
            detail=f"{state.channel} to {state.target}: {state.error} (try {state.tries})",
            failed_at=now,
            payload=encode(alert),
            key=alert.article_id,
            url=alert.url,
        )
        await self._letters.send([Addressed(letter=record, id=state.id)])
        logger.warning("an alert of %s is given up: %s", alert.search_id, record.detail)
        DEAD_LETTERS.labels(record.stage, record.reason).inc()
