"""Back-fill as a person runs it: killed, taken up again, and never in the way of live news."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from pipeline.errors import ServiceUnavailable
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import Article, EnrichedArticle, article_id, decode, encode
from pipeline.runner.line import Lags, measure_lags
from pipeline.settings import Settings
from tests.fakes.archives import capture, write_warc
from tests.fakes.records import an_article
from tests.reading import read_messages, read_topic
from tests.running import PROJECT, environment, pipeline, pipeline_json, running
from tests.stacks import updated
from tests.waiting import eventually

PAGES = 1_500


def end(line: Settings, topic: str) -> int:
    try:
        with Cluster(line.kafka) as cluster:
            return cluster.end_offset(topic)
    except ServiceUnavailable:
        return 0


def lags(line: Settings) -> Lags | None:
    try:
        with Cluster(line.kafka) as cluster:
            return measure_lags(cluster, line)
    except ServiceUnavailable:
        return None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_archive_that_is_broken_off_is_taken_up_where_it_was(
    line: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    urls = [f"https://courier.example/{page}" for page in range(PAGES)]
    file = write_warc(tmp_path / "crawl.warc.gz", [capture(url) for url in urls])
    assert pipeline(line, "setup").returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "ingest", str(file)],
        env=environment(line),
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert eventually(lambda: end(line, line.topics.backfill) >= 200)
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    if number is signal.SIGINT:
        assert (process.returncode, "Traceback" in said) == (130, False), said
    before = end(line, line.topics.backfill)
    assert before < PAGES
    counts = pipeline_json(line, "ingest", str(file))
    assert PAGES - before <= counts["articles"] <= PAGES - before + 100
    published = [decode(v, Article) for v in read_topic(line, line.topics.backfill)]
    ids = {article_id(canonical_url=u, feed_id=None, guid=None, content="") for u in urls}
    assert {article.id for article in published} == ids
    assert len({(article.id, article.revision) for article in published}) == PAGES
    again = pipeline_json(line, "ingest", str(file))
    assert (again["articles"], again["files_known"]) == (0, 1)


def archived(count: int) -> list[Article]:
    return [
        an_article(
            url=f"https://archive.example/{number}",
            text=f"Mayor Ada Lind said on Monday that bridge {number} will open. "
            f'"It took {number} years," she told the council.',
        )
        for number in range(count)
    ]


async def publish(line: Settings, topic: str, articles: list[Article]) -> None:
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(
            [Message(topic=topic, key=a.id.encode(), value=encode(a)) for a in articles]
        )


async def test_live_news_overtakes_a_backfill_and_an_older_capture_never_wins(
    line: Settings,
) -> None:
    line = updated(line, {"enrich": {"processes": 1, "backfill_batch_size": 8}})
    old = archived(600)
    live = an_article(url="https://courier.example/now", text="Mayor Ada Lind said: it is open.")
    newer = an_article(
        url=old[-1].url or "",
        text="The bridge is closed again, the mayor said.",
        revision=old[-1].revision + 60_000,
        fetched_at=old[-1].fetched_at + timedelta(minutes=1),
    )
    assert pipeline(line, "setup").returncode == 0
    await publish(line, line.topics.backfill, old)
    with running(line, "work"):
        assert eventually(lambda: end(line, line.topics.enriched) >= 16, 120)
        await publish(line, line.topics.articles, [live, newer])
        started = time.monotonic()
        assert eventually(lambda: (now := lags(line)) is not None and now.enrich == 0)
        waited = time.monotonic() - started
        now = lags(line)
        assert now is not None
        assert now.backfill > 0, f"the back-fill was done before the live article, {waited:.1f} s"
        assert eventually(lambda: (now := lags(line)) is not None and now.drained, 240)
    order = [decode(m.value, EnrichedArticle) for m in read_messages(line, line.topics.enriched)]
    assert {each.article.id for each in order} == {each.id for each in [*old, live]}
    with Elasticsearch(line.elasticsearch.hosts) as client:
        client.indices.refresh(index=f"{line.index.articles}*")
        assert client.count(index=f"{line.index.articles}-*")["count"] == len(old) + 1
        hits = client.search(
            index=f"{line.index.articles}-*", query={"ids": {"values": [newer.id]}}
        )["hits"]["hits"]
    (hit,) = hits
    assert "closed again" in json.dumps(hit["_source"])
