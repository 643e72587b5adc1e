"""What the feed consumer published, as it comes."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer, TopicPartition

from pipeline.kafka.connection import client_options
from pipeline.records import Article, decode
from pipeline.settings import Settings


class Published:
    """``with Published(line) as published``: reads the articles' topic until the end."""

    def __init__(self, line: Settings) -> None:
        self._line = line
        self._first: dict[str, float] = {}
        self._forged: set[str] = set()
        self._count = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, name="published", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def __len__(self) -> int:
        return self._count

    def missing(self, expected: Collection[str]) -> set[str]:
        """Addresses of which no article has come."""
        return set(expected) - self._first.keys()

    def lateness(self, expected: Mapping[str, float]) -> list[float]:
        """Seconds from when an article appeared until it was published."""
        return [self._first[url] - due for url, due in expected.items() if url in self._first]

    def forged(self, expected: Collection[str]) -> int:
        """How many of these addresses were published with a title that is not theirs."""
        return len(self._forged & set(expected))

    def _read(self) -> None:
        topic = self._line.topics.articles
        consumer = KafkaConsumer(**client_options(self._line.kafka), enable_auto_commit=False)
        try:
            partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            while not self._stop.is_set():
                for records in consumer.poll(timeout_ms=500).values():
                    for record in records:
                        self._take(decode(record.value, Article), record.timestamp / 1000)
        finally:
            consumer.close()

    def _take(self, article: Article, at: float) -> None:
        self._count += 1
        url = article.canonical_url or article.url
        if url is None:
            return
        self._first.setdefault(url, at)
        if "FORGED" in article.title or "Forged" in article.text:
            self._forged.add(url)
