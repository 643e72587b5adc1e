"""All that surrounds one line: what it reads, where it tells, and the record of what was made."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline import bootstrap
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import SAVED_SEARCHES, KafkaStates
from pipeline.records import SavedSearch, Webhook
from pipeline.settings import Settings
from tests.chaos.harness.background import Background
from tests.chaos.harness.servers import Servers
from tests.chaos.world.archives import Archives
from tests.chaos.world.direct import Direct
from tests.chaos.world.receiver import Receiver
from tests.chaos.world.record import Record
from tests.chaos.world.settings import harmed_line
from tests.chaos.world.site import Site
from tests.chaos.world.texts import SOUGHT
from tests.fakes.alerts import SECRET
from tests.stacks import free_ports


class World:
    """``line`` are the settings of the line's processes, ``own`` the harness's, around the proxies.
    Made by :func:`world`."""

    def __init__(
        self,
        servers: Servers,
        background: Background,
        folder: Path,
        seed: int,
        *,
        feeds: int,
        slow: int,
    ) -> None:
        site, receiver = free_ports(2)
        self.servers = servers
        self.background = background
        self.folder = folder
        self.line: Settings = harmed_line(servers.settings, folder / "feeds.toml", receiver)
        self.own: Settings = servers.of_harness(self.line)
        self.chance = random.Random(seed)
        self.record = Record(folder / "record.sqlite")
        self.site = Site(seed, site, self.record, feeds=feeds, slow=slow)
        self.receiver = Receiver(seed, receiver)
        self.direct = Direct(seed, self.own, self.record)
        self.archives = Archives(seed, folder / "archives", self.record, self.site.feeds)

        self._pending: list[Future[None]] = []

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it go on by itself; :meth:`finish` waits for it."""
        self._pending.append(self.background.begin(work))

    def finish(self, seconds: float = 300.0) -> None:
        """Return when all that was begun has come to its end."""
        for each in self._pending:
            each.result(seconds)

    async def start(self) -> None:
        """Topics, templates, the saved search; the site and the receiver listen."""
        self.site.subscriptions(self.folder / "feeds.toml")
        await bootstrap.setup(self.own, lambda _: None)
        async with KafkaPublisher(self.own.kafka) as publisher:
            states = KafkaStates(
                self.own.kafka, self.own.topics.searches, publisher, SAVED_SEARCHES
            )
            await states.save(the_search(self.receiver.url))
        await self.site.start()
        await self.receiver.start()

    async def stop(self) -> None:
        """Let go of everything."""
        await self.site.stop()
        await self.receiver.stop()
        # A publisher may wait for a broker that will not come back.
        await asyncio.wait_for(self.direct.close(), 20)
        self.record.close()


def the_search(url: str) -> SavedSearch:
    """What the one sought says, told to one webhook."""
    return SavedSearch(
        id="sought",
        name=f"What {SOUGHT} says",
        about="statements",
        query={"speaker": SOUGHT},
        created_at=datetime.now(UTC),
        webhooks=(Webhook(url=url, secret=SECRET),),
    )


@contextmanager
def world(
    servers: Servers, background: Background, folder: Path, seed: int, *, feeds: int, slow: int
) -> Iterator[World]:
    """A world of its own on the servers, which must answer; torn down at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    made = World(servers, background, folder, seed, feeds=feeds, slow=slow)
    try:
        background.run(made.start(), 120)
        yield made
    finally:
        background.run(made.stop())
