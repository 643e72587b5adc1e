"""``make bench``: ratios taken side by side in one run, since machines differ and are shared."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from pipeline.settings import Settings, load
from pipeline.stack import control
from tests.benchmarks.enrichment import enrich_ratio, memory_growth, rules_share
from tests.benchmarks.feeds import feed_speeds
from tests.benchmarks.polling import measure_memory, measure_polling
from tests.benchmarks.reuse import reuse_speed
from tests.benchmarks.stories import lookup_share, sketch_share
from tests.benchmarks.texts import made_texts
from tests.benchmarks.throughput import Throughput, measure
from tests.stacks import line_settings, stack_settings


def main() -> None:
    """Run the benchmark on servers of its own and print its figures."""
    parser = argparse.ArgumentParser(prog="make bench", description=main.__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--growth", type=int, default=50_000, help="articles to watch memory over")
    parser.add_argument("--feeds", type=int, default=10_000, help="feeds to poll on loopback")
    parser.add_argument("--copies", type=int, default=300, help="articles, 4 in 5 of them copies")
    arguments = parser.parse_args()
    report_reading()
    report_polling(arguments.feeds)
    report_enrichment(arguments.articles, arguments.growth)
    report_reuse(arguments.copies)
    with tempfile.TemporaryDirectory() as folder:
        servers = stack_settings(Path(folder))
        control.up(servers, print)
        try:
            report_stories(line_settings(servers), arguments.articles)
            for run in range(1, arguments.runs + 1):
                texts = made_texts(arguments.articles, seed=run)
                report(run, measure(line_settings(servers), texts))
        finally:
            control.down(servers, print)


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


def report(run: int, result: Throughput) -> None:
    """Print one line a run."""
    print(
        f"run {run}: {result.articles} articles, {result.words} words, "
        f"{result.processes} model processes: line {result.line:.1f} articles/s, "
        f"bare nlp.pipe {result.bare_model:.1f} articles/s, ratio {result.ratio:.2f}"
    )


if __name__ == "__main__":
    main()
