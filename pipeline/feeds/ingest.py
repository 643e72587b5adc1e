"""Files onto the line, as fast as they are read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.feeds.documents import Reading, read_documents
from pipeline.feeds.outbox import Outbox
from pipeline.records import Article, DeadLetter

T = TypeVar("T")

_CHUNK = 100


class IngestCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What was published: articles, and dead letters for what could not be read."""

    articles: int = 0
    dead_letters: int = 0

    def plus(self, records: Sequence[Article | DeadLetter]) -> IngestCounts:
        """These counts with ``records`` added."""
        articles = sum(isinstance(record, Article) for record in records)
        return IngestCounts(
            articles=self.articles + articles,
            dead_letters=self.dead_letters + len(records) - articles,
        )


async def ingest(
    files: Sequence[Path],
    reading: Reading,
    outbox: Outbox,
    on_file: Callable[[IngestCounts], None],
) -> IngestCounts:
    """Publish the articles of ``files``; ``on_file`` hears the counts so far after each file."""
    counts = IngestCounts()
    for file in files:
        async for chunk in _chunks_off_loop(read_documents([file], reading), _CHUNK):
            await outbox.send(chunk)
            counts = counts.plus(chunk)
        on_file(counts)
    return counts


async def _chunks_off_loop(records: Iterator[T], size: int) -> AsyncIterator[list[T]]:
    """Lists of up to ``size``, read in a thread: files and pages must not stop the event loop."""
    while chunk := await asyncio.to_thread(lambda: list(islice(records, size))):
        yield chunk
