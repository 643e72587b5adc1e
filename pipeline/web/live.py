"""New statements as they are indexed: one look at the index serves everyone who listens."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator

import msgspec
from elasticsearch import ApiError, TransportError

from pipeline.index.client import describe
from pipeline.search import StatementHit
from pipeline.search.library import Library
from pipeline.search.live import BATCH, Mark, earlier

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# Indexers finish out of order, and a search finds a batch up to a refresh after its time: what is
# looked at is this much before the newest that was seen.
OVERLAP_MS = 5_000
_REMEMBERED = 50_000
_MOST_BATCHES = 10
_QUEUED = 1_000  # statements that wait for a slow listener, who then misses the oldest


class Heard(msgspec.Struct, frozen=True):
    """A statement, and the mark from which to go on after it."""

    mark: Mark
    statement: StatementHit


class Live:
    """Looks once a second while anybody listens."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._listeners: set[asyncio.Queue[Heard]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._stopped = False

    async def listen(self, after: Mark | None = None) -> AsyncIterator[Heard | None]:
        """Statements as they come, from ``after`` on where that is given; None about once a second
        while there is nothing."""
        queue: asyncio.Queue[Heard] = asyncio.Queue(_QUEUED)
        self._listeners.add(queue)
        try:
            if after is not None:
                for mark, statement in await self._library.statements_since(after):
                    yield Heard(mark, statement)
            self._look()
            while not self._stopped:
                yield await _next(queue)
        finally:
            self._listeners.discard(queue)

    def stop(self) -> None:
        """Let everyone who listens go, within a second."""
        self._stopped = True

    async def close(self) -> None:
        """Stop looking."""
        self.stop()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _look(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._run())

    async def _run(self) -> None:
        seen, mark = _Seen(), None
        while self._listeners:
            try:
                if mark is None:
                    mark = await self._catch_up(await self._library.newest_mark(), seen)
                else:
                    mark = await self._catch_up(mark, seen, tell=True)
            except (TransportError, ApiError) as error:
                logger.warning("live statements: %s", describe(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def _catch_up(self, mark: Mark, seen: _Seen, *, tell: bool = False) -> Mark:
        """See what there is since a little before ``mark``; returns the newest mark."""
        place = earlier(mark, OVERLAP_MS)
        for _ in range(_MOST_BATCHES):
            batch = await self._library.statements_since(place)
            for found, statement in batch:
                if seen.add(found) and tell:
                    self._tell(Heard(found, statement))
            place = batch[-1][0] if batch else place
            if len(batch) < BATCH:
                return max(mark, place)
        return place  # the rest with the next look

    def _tell(self, heard: Heard) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(heard)


class _Seen:
    """The marks seen last."""

    def __init__(self) -> None:
        self._marks: OrderedDict[Mark, None] = OrderedDict()

    def add(self, mark: Mark) -> bool:
        """Whether it is new."""
        if mark in self._marks:
            return False
        self._marks[mark] = None
        if len(self._marks) > _REMEMBERED:
            self._marks.popitem(last=False)
        return True


async def _next(queue: asyncio.Queue[Heard]) -> Heard | None:
    try:
        return await asyncio.wait_for(queue.get(), LOOK_SECONDS)
    except TimeoutError:
        return None
