"""The deliver agent's handler: alerts in, and deliveries to all destinations of their searches.

Deliveries are saved before the alert they are of is acknowledged. What comes again is known by its
id. It decides within a tenure, so that no two workers decide about the same at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from pipeline.agents.batch import RawMessage
from pipeline.agents.dead_letters import DeadLetters
from pipeline.agents.gate import Gate
from pipeline.agents.taken import Refused, take_all
from pipeline.agents.tenure import Tenure
from pipeline.alerts.book import DeliveryBook
from pipeline.alerts.known import KnownSearches
from pipeline.alerts.plan import planned
from pipeline.kafka.ports import Publisher
from pipeline.kafka.states import DELIVERIES, state_message
from pipeline.records import Alert, Delivery, Stage
from pipeline.settings import Settings
from pipeline.telemetry.spans import Tracer


class DeliveryHandler:
    """Turns alerts into deliveries to all destinations of their searches."""

    def __init__(
        self,
        settings: Settings,
        searches: KnownSearches,
        book: DeliveryBook,
        publisher: Publisher,
        clock: Callable[[], datetime],
        on_planned: Callable[[], None],
        tenure: Tenure,
        gate: Gate,
    ) -> None:
        self._topic = settings.topics.deliveries
        self._limit = settings.kafka.max_message_bytes
        self._tenure = tenure
        self._gate = gate
        self._tracer = Tracer()
        self._letters = DeadLetters(settings, publisher, self._tracer)
        self._searches = searches
        self._book = book
        self._publisher = publisher
        self._clock = clock
        self._on_planned = on_planned

    async def __call__(self, batch: Sequence[RawMessage]) -> None:
        """A :data:`pipeline.agents.batch.Handler`. Raises TenureEnded."""
        plan = partial(self._plan, self._tenure.number)
        await self._gate.through(batch, plan, self._letters.settle)

    async def _plan(self, tenure: int, batch: Sequence[RawMessage]) -> list[Refused]:
        now = self._clock()
        read_of = take_all(batch, Alert, Stage.ALERT, self._limit, self._tracer, now)
        searches = await self._searches.latest()
        plans = [
            delivery
            for taken, alert in read_of.records
            for delivery in planned(alert, searches.get(alert.search_id), taken.raw.partition, now)
        ]
        async with self._tenure.decision(tenure):
            await self._begin(plans)
        self._on_planned()
        return read_of.refused

    async def _begin(self, plans: Sequence[Delivery]) -> None:
        await self._book.catch_up()
        new = self._book.unknown(plans)
        await self._publisher.publish(
            [state_message(self._topic, DELIVERIES, each) for each in new]
        )
        for delivery in new:
            self._book.note(delivery)
