"""Articles per second: the whole line beside spaCy's bare ``nlp.pipe``, in one run.

Both get the same texts and the same number of processes on the same cores. The line's clock runs
from the first article published to the last one committed by the indexer, with its workers warm;
the model's from the first text to the last ``Doc``, with the model loaded.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable

import msgspec
import spacy
from spacy.language import Language

from pipeline.enrich.model import locate
from pipeline.errors import ServiceUnavailable
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import encode
from pipeline.runner.line import measure_lags
from pipeline.settings import Settings
from tests.fakes.records import an_article
from tests.running import pipeline, running

_LIMIT_SECONDS = 600.0
_nlp: Language | None = None


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """Articles per second of both, and their ratio: above 1 the line is the faster one."""

    articles: int
    words: int
    processes: int
    line: float
    bare_model: float

    @property
    def ratio(self) -> float:
        return self.line / self.bare_model


def measure(settings: Settings, texts: list[str]) -> Throughput:
    """Measure the line on ``settings``' servers, then the bare model."""
    processes = settings.enrich.process_count
    line_seconds = _line_seconds(settings, texts)
    bare = model_seconds(settings.enrich.models["en"], texts, processes)
    return Throughput(
        articles=len(texts),
        words=sum(len(text.split()) for text in texts),
        processes=processes,
        line=len(texts) / line_seconds,
        bare_model=len(texts) / bare,
    )


def _line_seconds(settings: Settings, texts: list[str]) -> float:
    assert pipeline(settings, "setup").returncode == 0
    with running(settings, "work"), Cluster(settings.kafka) as cluster:
        # The first article warms the workers: processes started, models loaded, index created.
        asyncio.run(_publish(settings, ["The mayor said on Monday that all is ready."]))
        _wait(lambda: _drained(cluster, settings))
        started = time.monotonic()
        asyncio.run(_publish(settings, texts))
        _wait(lambda: _drained(cluster, settings))
        return time.monotonic() - started


async def _publish(settings: Settings, texts: list[str]) -> None:
    async with KafkaPublisher(settings.kafka) as publisher:
        messages = []
        for number, text in enumerate(texts):
            article = an_article(url=f"https://bench.example/{len(texts)}/{number}", text=text)
            topic, key = settings.topics.articles, article.id.encode()
            messages.append(Message(topic=topic, key=key, value=encode(article)))
        await publisher.publish(messages)


def _drained(cluster: Cluster, settings: Settings) -> bool:
    try:
        return measure_lags(cluster, settings).drained
    except ServiceUnavailable:
        return False


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the line was not drained within {_LIMIT_SECONDS:.0f} s")
        time.sleep(0.2)


def model_seconds(model: str, texts: list[str], processes: int) -> float:
    """``nlp.pipe`` with all its components, a share of the texts in each process.

    Not its own ``n_process``: that starts processes and sends them work in one call, which cannot
    be told apart.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    shares = [texts[start::processes] for start in range(processes)]
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, initializer=_load, initargs=(model,)) as pool:
        pool.map(_pipe, [share[:10] for share in shares], chunksize=1)
        started = time.monotonic()
        pool.map(_pipe, shares, chunksize=1)
        return time.monotonic() - started


def _load(model: str) -> None:
    global _nlp  # noqa: PLW0603 (a process of the pool holds one model)
    _nlp = spacy.load(locate(model))


def _pipe(texts: list[str]) -> int:
    assert _nlp is not None
    return sum(1 for _ in _nlp.pipe(texts))
