"""Messages put onto the topics as other producers do: new articles, corrections in any order,
captures of one address over months, repetitions, poison and wrong clocks."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from pipeline.errors import PipelineError
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import Article, Source, article_id, content_sha256, encode
from pipeline.settings import Settings
from tests.chaos.world.feed import numbers
from tests.chaos.world.record import Made, Record
from tests.chaos.world.texts import made_text, marker, title

MONTHS = 6
DAYS_IN_MONTH = 30
_FAMILIES_KEPT = 300
_SOUGHT_SHARE = 0.1
_RETRY_SECONDS = 1.0
_LARGE = 2_000_000
FAR_FUTURE = 2**53
SITE = "https://courier.example"


class Version(NamedTuple):
    """One version and what the record says of it."""

    article: Article
    made: Made


class Family:
    """One address with all its versions so far. One of ``months`` is never sought."""

    def __init__(self, chance: random.Random, *, months: bool, sought: bool | None = None) -> None:
        self.number = next(numbers)
        self.url = f"{SITE}/direct/{self.number}"
        self.sought = not months and (chance.random() < _SOUGHT_SHARE if sought is None else sought)
        self.first_seen_at = datetime.now(UTC)
        self._chance = chance
        self._months = months
        self._versions = 0
        self._revisions: set[int] = set()

    def version(self, at: datetime | None = None) -> Version:
        """The next version, fetched at ``at``: by default now, or in any of the last months."""
        self._versions += 1
        fetched = at or self._some_time()
        while (revision := int(fetched.timestamp() * 1000)) in self._revisions:
            fetched += timedelta(milliseconds=7)
        self._revisions.add(revision)
        first_seen = fetched if self._months else self.first_seen_at
        of_title = marker(self.number, self._versions)
        return version(self.url, of_title, self._chance, fetched, first_seen, sought=self.sought)

    def _some_time(self) -> datetime:
        now = datetime.now(UTC)
        if not self._months:
            return now
        return now - timedelta(days=self._chance.uniform(1, MONTHS * DAYS_IN_MONTH))


def version(
    url: str,
    of_title: str,
    chance: random.Random,
    fetched: datetime,
    first_seen: datetime,
    *,
    sought: bool = False,
    must: bool = True,
    revision: int | None = None,
) -> Version:
    """An article with the given marker in its title; its revision is the time of the fetch unless
    told otherwise."""
    headline, text = title(of_title), made_text(chance, sought=sought)
    number = int(fetched.timestamp() * 1000)
    article = Article(
        id=article_id(canonical_url=url, feed_id=None, guid=None, content=text),
        revision=revision or number,
        title=headline,
        text=text,
        source=Source(name="The Courier", domain="courier.example", country="GB"),
        first_seen_at=first_seen,
        fetched_at=fetched,
        content_sha256=content_sha256(headline, text),
        url=url,
        canonical_url=url,
        language="en",
    )
    made = Made(
        article=article.id,
        revision=number,
        marker=of_title,
        origin="direct",
        must=must,
        sought=sought,
    )
    return Version(article, made)


def _enlarged(given: Version) -> Version:
    text = f"{given.article.text}\n" * (_LARGE // len(given.article.text))
    article = msgspec.structs.replace(
        given.article, text=text, content_sha256=content_sha256(given.article.title, text)
    )
    return Version(article, msgspec.structs.replace(given.made, must=False))


class Direct:
    """Publishes around the proxies; each call returns when all of it is delivered."""

    def __init__(self, seed: int, settings: Settings, record: Record) -> None:
        self._chance = random.Random(seed)
        self._settings = settings
        self._record = record
        self._publisher = KafkaPublisher(settings.kafka)
        self._families: deque[Family] = deque(maxlen=_FAMILIES_KEPT)
        self._repeated: deque[Message] = deque(maxlen=_FAMILIES_KEPT)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._publisher.close()

    async def publish(self, count: int) -> None:
        """So many messages of all kinds, through both topics."""
        topics = self._settings.topics
        made = [self._any() for _ in range(count)]
        self._record.add(each.made for each in made)
        messages = [
            self._message(self._chance.choice((topics.articles, topics.backfill)), each.article)
            if not each.made.sought
            else self._message(topics.articles, each.article)
            for each in made
        ]
        again = self._chance.sample(list(self._repeated), min(len(self._repeated), count // 10))
        self._repeated += messages
        await self._deliver([*messages, *again])

    def _any(self) -> Version:
        dice = self._chance.random()
        if dice < 0.4 and self._families:
            return self._chance.choice(list(self._families)).version()
        family = Family(self._chance, months=dice > 0.6)
        self._families.append(family)
        return family.version()

    async def new(self, count: int, *, sought: bool | None = None) -> None:
        """So many new articles of today onto the live topic."""
        await self.send(
            self._settings.topics.articles,
            (Family(self._chance, months=False, sought=sought).version() for _ in range(count)),
        )

    async def large(self, count: int) -> None:
        """Articles far longer than any text that is annotated: dead letters, and whole."""
        families = [Family(self._chance, months=True) for _ in range(count)]
        made = [_enlarged(family.version()) for family in families]
        self._record.add_poison(hashlib.sha256(encode(each.article)).hexdigest() for each in made)
        await self.send(self._settings.topics.articles, made)

    async def captures(self, addresses: int, each: int) -> None:
        """So many addresses with so many captures each over the months, through both topics at once
        and in any order."""
        families = [Family(self._chance, months=True) for _ in range(addresses)]
        made = [family.version() for family in families for _ in range(each)]
        self._chance.shuffle(made)
        topics = self._settings.topics
        await asyncio.gather(
            self.send(topics.articles, made[::2]), self.send(topics.backfill, made[1::2])
        )

    async def send(self, topic: str, versions: Iterable[Version]) -> None:
        """These versions onto one topic, in order."""
        every = list(versions)
        self._record.add(each.made for each in every)
        await self._deliver([self._message(topic, each.article) for each in every])

    def _message(self, topic: str, article: Article) -> Message:
        return Message(topic=topic, key=article.id.encode(), value=encode(article))

    async def poison(self, topic: str) -> None:
        """Messages that are no record of the topic: so few that the station, on a quiet line too,
        takes it for their own fault and not for one of ours (dead_letters.unclear)."""
        values = list(self._poisons())
        self._record.add_poison(hashlib.sha256(value).hexdigest() for value in values)
        await self.raw(topic, values)

    def _poisons(self) -> Iterator[bytes]:
        salt = self._chance.randbytes(8).hex().encode()
        yield b"\xff\xfe" + salt
        yield b'{"salt":"' + salt
        yield b'{"salt":"' + salt + b'"}'
        yield b'["' + salt + b'"]'

    async def raw(self, topic: str, values: Iterable[bytes]) -> None:
        """Any bytes."""
        await self._deliver([Message(topic=topic, key=b"poison", value=each) for each in values])

    async def _deliver(self, messages: list[Message]) -> None:
        """What is on record is delivered, whatever a broker that just started says to it."""
        while True:
            try:
                await self._publisher.publish(messages)
            except PipelineError:
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def wrong_revision(self, correct_after: float) -> None:
        """An article, a version of it from a clock far ahead, and after so many seconds a
        correction by a good clock, which must be what is found."""
        family, topic = Family(self._chance, months=False), self._settings.topics.articles
        await self.send(topic, [family.version()])
        now = datetime.now(UTC)
        ahead = version(
            family.url,
            marker(next(numbers), 1),
            self._chance,
            now,
            family.first_seen_at,
            must=False,
            sought=family.sought,
            revision=FAR_FUTURE,
        )
        await self.send(topic, [ahead])
        await asyncio.sleep(correct_after)
        await self.send(topic, [family.version()])

    async def wrong_first_seen(self) -> None:
        """An article that was first seen in 400 days: no month is opened for it."""
        now, of_title = datetime.now(UTC), marker(next(numbers), 1)
        url = f"{SITE}/clock/{of_title}"
        ahead = now + timedelta(days=400)
        await self.send(
            self._settings.topics.articles,
            [version(url, of_title, self._chance, now, ahead, must=False)],
        )
