"""Asks searches that could not be asked about what they have missed, beside the alert agent.

Each waits by itself, at growing intervals. How far it has come is saved after the alerts of it are
on the ledger; what is asked twice is known by its id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from pipeline.agents.alert import Searches, oldest
from pipeline.agents.tenure import Tenure, TenureEnded
from pipeline.alerts import events
from pipeline.alerts.matcher import Matched
from pipeline.alerts.waiting import (
    Placed,
    Round,
    over,
    round_of,
    still_refused,
    untold,
    was_asked_again,
)
from pipeline.errors import Rejected
from pipeline.kafka.ports import Piece, Pieces, Publisher
from pipeline.kafka.states import WAITING_SEARCHES, end_message, state_message
from pipeline.records import IndexedArticle, WaitingSearch, decode
from pipeline.settings import Settings

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_LONGEST_SECONDS = 60.0
_MOST_AT_ONCE = 8
_TELLS = 0  # whoever has this partition tells of all searches, so that each is told of once


class Backlog:
    """A companion of the alert agent, for the searches that wait in its partitions."""

    def __init__(
        self,
        settings: Settings,
        searches: Searches,
        notices: Pieces,
        publisher: Publisher,
        clock: Callable[[], datetime],
        tenure: Tenure,
    ) -> None:
        self._topic = settings.topics.waiting
        self._batch_size = settings.alerts.batch_size
        self._max_age = oldest(settings)
        self._searches = searches
        self._notices = notices
        self._publisher = publisher
        self._clock = clock
        self._tenure = tenure
        self._owned: frozenset[int] = frozenset()
        self._tries: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}

    def owns(self, partitions: frozenset[int]) -> None:
        """What waits in these is ours from now on."""
        self._owned = partitions

    async def lets_go(self) -> None:
        """None of it is; what is under way ends with the tenure."""
        self._owned = frozenset()

    async def run(self) -> None:
        """Work until cancelled. Raises what the publisher raises."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            for each in self._asking.values():
                each.cancel()
            await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def finish(self, seconds: float) -> None:
        """Return at once: whoever is next goes on from what is saved."""

    async def look(self) -> None:
        """Begin to ask what is due, each search beside the others. Raises what went wrong since
        the last look."""
        for search_id, task in list(self._asking.items()):
            if task.done():
                del self._asking[search_id]
                task.result()
        tenure, waiting = self._tenure.number, await self._searches.waiting.latest()
        if _TELLS in self._owned and (untold(waiting) or over(waiting)):
            with suppress(TenureEnded):
                await self._tell(tenure)
        for each in waiting.values():
            room = len(self._asking) < _MOST_AT_ONCE and each.search_id not in self._asking
            if room and each.partition in self._owned and self._is_due(each):
                asking = self._ask(each, each.partition or 0)
                self._asking[each.search_id] = asyncio.create_task(asking)

    async def _ask(self, waits: WaitingSearch, partition: int) -> None:
        """Ask piece by piece, until all is asked or it is refused again."""
        tenure = self._tenure.number
        more: WaitingSearch | None = waits
        with suppress(TenureEnded):
            while more is not None:
                more = await self._go_on(more, partition, tenure)

    def _is_due(self, waits: WaitingSearch) -> bool:
        due = self._due.setdefault(waits.id, self._seconds() + _LOOK_SECONDS)
        return self._seconds() >= due

    def _seconds(self) -> float:
        return self._clock().timestamp()

    async def _go_on(
        self, waits: WaitingSearch, partition: int, tenure: int
    ) -> WaitingSearch | None:
        """Ask about the next piece; what is left to do at once."""
        search = (await self._searches.known.latest()).get(waits.search_id)
        if search is None or not search.active:
            await self._forget(waits, tenure)
            return None
        piece = await self._notices.read(partition, waits.offset, self._batch_size)
        asked = round_of([search], _placed(piece), frozenset({partition}), self._max_age)
        matched = await self._matched(asked)
        why = matched.refused.get(search.id)
        self._again(waits, 0 if why is None else self._tries.get(waits.id, 0) + 1)
        if why is not None:
            await self._refused(waits, why, tenure)
            return None
        async with self._searches.deciding, self._tenure.decision(tenure):
            await self._searches.alerts.publish(matched.alerts)
            end = await self._notices.end(partition)
            return await self._move(waits, piece.next, end)

    async def _move(self, waits: WaitingSearch, offset: int, end: int) -> WaitingSearch | None:
        if offset >= end:
            await self._end(waits)
            logger.warning("the saved search %s has caught up: %s", waits.search_id, waits.id)
            return None
        moved = replace(waits, offset=offset)
        await self._save(moved)
        return moved

    async def _matched(self, asked: Round) -> Matched:
        if not asked.batch.notices:
            return Matched([], {})
        return await self._searches.matcher.match(asked.searches, asked.batch)

    def _again(self, waits: WaitingSearch, tries: int) -> None:
        """When it is asked next: at once where it was answered."""
        self._tries[waits.id] = tries
        wait = min(_LOOK_SECONDS * 2.0**tries, _LONGEST_SECONDS) if tries else 0.0
        self._due[waits.id] = self._seconds() + wait

    async def _refused(self, waits: WaitingSearch, why: str, tenure: int) -> None:
        now = self._clock()
        async with self._searches.deciding, self._tenure.decision(tenure):
            state = still_refused(waits, why, await self._searches.waiting.latest(), now)
            if state.why != waits.why or not was_asked_again(waits):
                await self._save(state)

    async def _tell(self, tenure: int) -> None:
        """Tell those whose search is refused, and those whose search works again."""
        async with self._searches.deciding, self._tenure.decision(tenure):
            waiting, now = await self._searches.waiting.latest(), self._clock()
            known = await self._searches.known.latest()
            for each in untold(waiting):
                if search := known.get(each.search_id):
                    event = events.refused(search, each.why, each.since, now)
                    await self._searches.alerts.publish([event])
                    await self._save(each)
            for each in over(waiting):
                if search := known.get(each.search_id):
                    event = events.resumed(search, each.since, now)
                    await self._searches.alerts.publish([event])
                await self._end(each)

    async def _forget(self, waits: WaitingSearch, tenure: int) -> None:
        async with self._searches.deciding, self._tenure.decision(tenure):
            await self._end(waits)

    async def _save(self, waits: WaitingSearch) -> None:
        await self._publisher.publish([state_message(self._topic, WAITING_SEARCHES, waits)])

    async def _end(self, waits: WaitingSearch) -> None:
        self._tries.pop(waits.id, None)
        self._due.pop(waits.id, None)
        await self._publisher.publish([end_message(self._topic, waits.id, self._clock())])


def _placed(piece: Piece) -> Sequence[Placed]:
    """The notices of a piece. One that cannot be read is a dead letter already."""
    placed = []
    for each in piece.messages:
        with suppress(Rejected):
            notice = decode(each.value, IndexedArticle)
            placed.append(Placed(each.partition, each.offset, notice))
    return placed
