"""What the rules cost beside the model, whether memory stays flat, and how fast texts are enriched.

Each figure is a ratio of two measurements of one run on one machine.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Iterator

import msgspec

from pipeline.enrich import TextInput
from pipeline.enrich import model as models
from pipeline.enrich.annotate import annotate
from pipeline.enrich.enricher import Enricher
from pipeline.enrich.parse import read
from pipeline.settings import Settings
from tests.benchmarks.throughput import model_seconds
from tests.memory import resident
from tests.running import pipeline

_BATCH = 32
_MEGABYTE = 1_000_000
_WARM_SHARE = 10


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds on the same texts: the model's, with the components it comes with, and of
    everything that finds entities and statements in its output."""

    model: float
    rules: float

    @property
    def ratio(self) -> float:
        return self.rules / self.model


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """Resident megabytes of a process after a tenth of its articles and after all of them."""

    articles: int
    early: float
    late: float

    @property
    def ratio(self) -> float:
        return self.late / self.early


def rules_share(settings: Settings, texts: list[str]) -> Share:
    """What the rules take of the CPU, in one process and on the model's own parses."""
    nlp = models.load(settings.enrich.models["en"])
    for doc, text in zip(nlp.pipe(texts[:10]), texts, strict=False):
        annotate(read(doc, text))  # word lists and gazetteer are read once
    started = time.process_time()
    docs = list(nlp.pipe(texts))
    parsed = time.process_time()
    for doc, text in zip(docs, texts, strict=True):
        annotate(read(doc, text))
    return Share(model=parsed - started, rules=time.process_time() - parsed)


def memory_growth(settings: Settings, articles: int) -> Growth:
    """How a model process grows over so many short articles, each with words never met before."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        early, late = pool.apply(_enrich_many, (settings.enrich.models["en"], articles))
    return Growth(articles=articles, early=early, late=late)


def _enrich_many(model: str, articles: int) -> tuple[float, float]:
    enricher = Enricher({"en": model})
    warm = articles // _WARM_SHARE
    early = 0.0
    batch: list[TextInput] = []
    for number, text in enumerate(_new_texts(articles), 1):
        batch.append(TextInput(text))
        if len(batch) == _BATCH or number == articles:
            enricher.annotate(batch)
            batch = []
        if number == warm:
            early = resident() / _MEGABYTE
    return early, resident() / _MEGABYTE


def _new_texts(count: int) -> Iterator[str]:
    for number in range(count):
        name, town = f"Ana Wend{number:x}lia", f"Brod{number * 7:x}sk"
        yield (
            f"{name} said on Monday that the bridge in {town} will open.\n"
            f"“It took {number} days,” she told the Daily X{number:x}."
        )


def enrich_ratio(settings: Settings, texts: list[str]) -> float:
    """Time of the plain ``nlp.pipe`` over that of ``pipeline enrich``, each started anew with the
    same processes; above 1 the command is the faster one, statements included."""
    lines = "".join(
        json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts)
    )
    started = time.monotonic()
    done = pipeline(settings, "enrich", "--jsonl", given=lines)
    assert done.returncode == 0, done.stderr
    enriched = time.monotonic() - started
    started = time.monotonic()
    model_seconds(settings.enrich.models["en"], texts, settings.enrich.process_count)
    return (time.monotonic() - started) / enriched
