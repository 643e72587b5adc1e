"""A search that the real Elasticsearch refuses, and a worker that is killed meanwhile."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import UTC, datetime

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import SAVED_SEARCHES, state_message
from pipeline.records import Alert, IndexedArticle, decode, encode
from pipeline.settings import Settings
from tests.fakes.alerts import a_search
from tests.fakes.debates import a_debate
from tests.integration.alerts.test_matching import FEW_TERMS
from tests.integration.shelf import Shelf
from tests.reading import read_topic
from tests.running import children, running
from tests.stacks import updated
from tests.waiting import eventually

ARTICLES = 40
SEARCHES = [
    a_search(query={"speaker": "Zoë Lind"}, webhooks=()),
    a_search(id="all", about="articles", query={"language": "en"}, webhooks=()),
]


def alerts(line: Settings) -> Counter[tuple[str, str]]:
    found = (decode(value, Alert) for value in read_topic(line, line.topics.alerts))
    return Counter((each.search_id, each.event) for each in found)


async def prepared(shelf: Shelf) -> Settings:
    """Indexed articles, their notices, and both searches."""
    line = updated(
        shelf.settings,
        {
            "alerts": {"batch_size": 8, "batch_wait_seconds": 0.2},
            "workers": {"session_timeout_seconds": 6.0, "restart_backoff_seconds": 0.2},
        },
    )
    now = datetime.now(UTC)
    given = [a_debate(url=f"https://x.example/{n}", statements=2) for n in range(ARTICLES)]
    await shelf.indexer().index(given)
    with Cluster(line.kafka) as cluster:
        cluster.create_topics(line.topics)
    messages = [state_message(line.topics.searches, SAVED_SEARCHES, each) for each in SEARCHES]
    for each in given:
        notice = IndexedArticle(
            article_id=each.article.id,
            revision=each.article.revision,
            statements=2,
            first_seen_at=now,
            indexed_at=now,
        )
        key = notice.article_id.encode()
        messages.append(Message(topic=line.topics.indexed, key=key, value=encode(notice)))
    async with KafkaPublisher(line.kafka) as publisher:
        await publisher.publish(messages)
    return line


async def test_it_waits_alone_is_told_of_and_misses_nothing(shelf: Shelf) -> None:
    line = await prepared(shelf)
    statements = f"{shelf.index.statements}-*"
    await shelf.client.indices.put_settings(index=statements, settings=FEW_TERMS)
    with running(line, "work", "alert") as worker:
        assert eventually(lambda: alerts(line)["all", "found"] == ARTICLES, 60)
        assert eventually(lambda: alerts(line)["lind", "refused"] == 1, 60)
        assert alerts(line)["lind", "found"] < ARTICLES
        for pid in children(worker.pid):
            os.kill(pid, signal.SIGKILL)
        mended = {"index": {"max_terms_count": None}}
        await shelf.client.indices.put_settings(index=statements, settings=mended)
        everything = Counter(
            {
                ("all", "found"): ARTICLES,
                ("lind", "found"): ARTICLES,
                ("lind", "refused"): 1,
                ("lind", "resumed"): 1,
            }
        )
        assert eventually(lambda: alerts(line) == everything, 90)
