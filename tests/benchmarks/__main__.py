"""``make bench``: ratios taken side by side in one run, since machines differ and are shared."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from pipeline.settings import Settings, load
from pipeline.stack import control
from tests.benchmarks.archives import measure_archive
from tests.benchmarks.enrichment import enrich_ratio, memory_growth, rules_share
from tests.benchmarks.feeds import feed_speeds
from tests.benchmarks.polling import measure_memory, measure_polling
from tests.benchmarks.publication import publication
from tests.benchmarks.reuse import reuse_speed
from tests.benchmarks.searching import (
    Timed,
    api_beside_elasticsearch,
    fill,
    indexing,
    p95,
    page_beside_api,
)
from tests.benchmarks.stories import lookup_share, sketch_share
from tests.benchmarks.texts import made_texts
from tests.benchmarks.throughput import Throughput, measure
from tests.running import pipeline, running
from tests.stacks import line_settings, stack_settings, updated

PARTS = ("reading", "polling", "archives", "enrichment", "reuse", "line", "searching")


def main() -> None:
    """Run the benchmark on servers of its own and print its figures."""
    parser = argparse.ArgumentParser(prog="make bench", description=main.__doc__)
    parser.add_argument("parts", nargs="*", help=f"what to measure: {', '.join(PARTS)}; or all")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--growth", type=int, default=50_000, help="articles to watch memory over")
    parser.add_argument("--feeds", type=int, default=10_000, help="feeds to poll on loopback")
    parser.add_argument("--pages", type=int, default=3000, help="pages of an archive")
    parser.add_argument("--copies", type=int, default=300, help="articles, 4 in 5 of them copies")
    parser.add_argument(
        "--statements", type=int, default=1_000_000, help="statements to search among"
    )
    parser.add_argument("--searches", type=int, default=400, help="searches, each sent both ways")
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no part {min(unknown)}; there are {', '.join(PARTS)}")
    if "reading" in parts:
        report_reading()
    if "polling" in parts:
        report_polling(arguments.feeds)
    if "archives" in parts:
        with _servers() as servers:
            report_archives(servers, arguments.pages, arguments.runs)
    if "enrichment" in parts:
        report_enrichment(arguments.articles, arguments.growth)
    if "reuse" in parts:
        report_reuse(arguments.copies)
    if "line" in parts:
        with _servers() as servers:
            report_line(servers, arguments.articles, arguments.runs)
    if "searching" in parts:
        with _servers() as servers:
            report_searching(servers, arguments.statements, arguments.searches)


@contextmanager
def _servers() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as folder:
        servers = stack_settings(Path(folder))
        control.up(servers, print)
        try:
            yield servers
        finally:
            control.down(servers, print)


def report_line(servers: Settings, articles: int, runs: int) -> None:
    """Print what stories cost, and the speed of the line from Kafka to the index."""
    report_stories(line_settings(servers), articles)
    for run in range(1, runs + 1):
        report(run, measure(line_settings(servers), made_texts(articles, seed=run)))


def report_polling(feeds: int) -> None:
    """Print what polling costs: Kafka takes no part."""
    for name, polled in zip(("read", "unchanged"), measure_polling(load(), feeds), strict=True):
        print(
            f"{polled.feeds} feeds {name}: {polled.per_second:.0f} polls/s, "
            f"{1000 * polled.cpu_per_poll:.2f} ms of CPU a poll, {polled.megabytes:.0f} MB",
            flush=True,
        )
    held = measure_memory(10 * feeds)
    print(
        f"the states of {held.feeds} feeds: {held.megabytes:.0f} MB in memory, "
        f"taken in within {held.seconds:.0f} s",
        flush=True,
    )


def report_archives(servers: Settings, pages: int, runs: int) -> None:
    """Print what reading archives adds to extracting their pages."""
    with tempfile.TemporaryDirectory() as folder:
        for run in range(1, runs + 1):
            read = measure_archive(line_settings(servers), Path(folder), pages)
            print(
                f"run {run}: {read.pages} pages of a WARC file, {read.processes} processes: ingest "
                f"{read.ingest:.1f} pages/s, bare extraction {read.bare:.1f} pages/s, ratio "
                f"{read.ratio:.2f}; at most {read.megabytes:.0f} MB",
                flush=True,
            )


def report_reading() -> None:
    """Print how fast feeds are read: no server takes part."""
    for speed in feed_speeds():
        print(
            f"feeds, {speed.name}: {speed.ours:.1f} MB/s sanitised, "
            f"fastfeedparser alone {speed.fast:.1f} MB/s (ratio {speed.to_fast:.2f}), "
            f"feedparser {speed.patient:.1f} MB/s (ratio {speed.to_patient:.1f})",
            flush=True,
        )


def report_enrichment(articles: int, growth: int) -> None:
    """Print what enrichment costs: no server takes part."""
    settings = load()
    texts = made_texts(articles)
    share = rules_share(settings, texts)
    print(
        f"rules {share.rules:.1f} s of CPU, model {share.model:.1f} s, ratio {share.ratio:.3f}",
        flush=True,
    )
    ratio = enrich_ratio(settings, texts)
    print(f"pipeline enrich beside nlp.pipe, both started anew: ratio {ratio:.2f}", flush=True)
    grown = memory_growth(settings, growth)
    print(
        f"a model process after {grown.articles // 10} articles {grown.early:.0f} MB, "
        f"after {grown.articles} {grown.late:.0f} MB, ratio {grown.ratio:.3f}",
        flush=True,
    )


def report_reuse(articles: int) -> None:
    """Print how much faster copies are enriched: no server takes part."""
    speed = reuse_speed(load(), articles)
    print(
        f"{speed.articles} articles: {speed.different:.1f} different ones/s, "
        f"{speed.syndicated:.1f}/s where 80% are copies under other headlines, "
        f"ratio {speed.ratio:.2f}",
        flush=True,
    )


def report_stories(settings: Settings, articles: int) -> None:
    """Print what it costs to find the stories of articles."""
    texts = made_texts(articles)
    share = sketch_share(settings, texts)
    print(
        f"sketches {share.story:.2f} s of CPU, model {share.beside:.1f} s, ratio {share.ratio:.4f}",
        flush=True,
    )
    asked = lookup_share(settings, texts)
    print(
        f"{asked.articles} articles: asked for stories {asked.story:.2f} s, "
        f"bulk {asked.beside:.2f} s, ratio {asked.ratio:.2f}",
        flush=True,
    )


def report_searching(servers: Settings, statements: int, searches: int) -> None:
    """Print how fast a great index answers while it is added to, and how soon what is added."""
    settings = updated(line_settings(servers), {"api": {"requests_per_minute": 0}})
    assert pipeline(settings, "setup").returncode == 0
    per_second = asyncio.run(fill(settings, statements))
    print(f"{statements} statements: {per_second:.0f} articles/s into the index", flush=True)
    with running(settings, "serve"), indexing(settings):
        base = f"http://{settings.api.listen}"
        answered = asyncio.run(api_beside_elasticsearch(settings, base, searches))
        print(_beside("a search with facets, API beside Elasticsearch", answered), flush=True)
        painted = asyncio.run(page_beside_api(base, searches // 4))
        print(
            _beside("results painted beside the API", painted) if painted else "no Chromium",
            flush=True,
        )
    with running(settings, "work"):
        told = asyncio.run(publication(settings, seconds=60.0))
    print(
        f"{told.full_load:.1f} articles/s at full load; at half of it searchable after "
        f"{median(told.to_searchable):.2f} s (p95 {p95(told.to_searchable):.2f} s): ratio "
        f"{told.to_whole:.2f} to the refresh interval, {told.refresh_interval:.1f} s, and a batch "
        f"of {told.whole} alone, {told.whole_alone:.2f} s; {told.to_small:.2f} with one of "
        f"{told.small}, as they form at that load, {told.small_alone:.2f} s",
        flush=True,
    )


def _beside(what: str, timed: Timed) -> str:
    return (
        f"{what}: p95 {1000 * p95(timed.ours):.0f} ms and {1000 * p95(timed.beside):.0f} ms, "
        f"ratio {timed.ratio:.2f} (of the medians {timed.median_ratio:.2f})"
    )


def report(run: int, result: Throughput) -> None:
    """Print one line a run."""
    print(
        f"run {run}: {result.articles} articles, {result.words} words, "
        f"{result.processes} model processes: line {result.line:.1f} articles/s, "
        f"bare nlp.pipe {result.bare_model:.1f} articles/s, ratio {result.ratio:.2f}"
    )


if __name__ == "__main__":
    main()
