"""A restart of the feed consumer is no first time: with more and larger states than any poll, fetch
or batch of the client brings."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.kafka.feed_states import KafkaFeedStates
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.records import SeenEntry
from pipeline.settings import Settings
from tests.contract.feed_states import NOON, a_state
from tests.fakes.feeds import BODY
from tests.reading import read_topic
from tests.running import pipeline, running
from tests.stacks import updated
from tests.waiting import eventually

FEEDS = 120
LISTED = 5  # entries of a feed
REMEMBERED = 100  # of entries that have left it
UNDATED = "feed-7"  # one whose entries do not say when they are of
NEW = 150
SLOW = 120.0  # seconds, on a machine that is busy


class Site:
    """Feeds with validators; counts requests by feed, and those that did not have them."""

    def __init__(self) -> None:
        self.grown = False
        self.polls: Counter[str] = Counter()
        self.unconditional: Counter[str] = Counter()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feed = self.path.strip("/").removesuffix(".xml")
                tag = f'"{feed}-{site.listed(feed)}"'
                asked = self.headers.get("If-None-Match")
                site.polls[feed] += 1
                site.unconditional[feed] += asked is None
                body = b"" if asked == tag else site.document(feed)
                self.send_response(200 if body else 304)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """The counts say enough."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def listed(self, feed: str) -> int:
        return LISTED + NEW if feed == UNDATED and self.grown else LISTED

    def document(self, feed: str) -> bytes:
        entries = "".join(
            f"<item><guid>{feed}-{number}</guid><title>Bridge {number}</title>"
            f"<link>{self.url}/{feed}/{number}</link>"
            f"<content:encoded><![CDATA[{BODY}<p>{feed}, {number}</p>]]></content:encoded></item>"
            for number in reversed(range(self.listed(feed)))
        )
        names = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
        channel = f"<channel><title>{feed}</title>{entries}</channel>"
        return f"<rss version='2.0' {names}>{channel}</rss>".encode()

    def forget(self) -> None:
        self.polls.clear()
        self.unconditional.clear()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    serving = threading.Thread(target=site.server.serve_forever, daemon=True)
    serving.start()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def following(line: Settings, site: Site, tmp_path: Path) -> Settings:
    """A line that follows the site's feeds, each every two seconds."""
    file = tmp_path / "feeds.toml"
    file.write_text(
        "".join(
            f'[[feeds]]\nid = "feed-{n}"\nurl = "{site.url}/feed-{n}.xml"\nname = "Feed {n}"\n'
            "poll_interval_seconds = 2\nallow_private_addresses = true\n"
            for n in range(FEEDS)
        )
    )
    feeds = {"file": file, "host_delay_seconds": 0}
    return updated(line, {"feeds": feeds, "sample": {"enabled": False}})


async def save_states(line: Settings, site: Site) -> None:
    """As a consumer left them that has known the feeds for long."""
    seen = {
        f"old-{n}": SeenEntry(article_id=f"{n:032x}", entry_sha256="b" * 64, first_seen_at=NOON)
        for n in range(REMEMBERED)
    }
    async with KafkaPublisher(line.kafka) as publisher:
        states = KafkaFeedStates(line.kafka, line.topics.feeds, publisher)
        for n in range(FEEDS):
            url = f"{site.url}/feed-{n}.xml"
            await states.save(a_state(f"feed-{n}", url=url, seen=seen, first_poll_at=NOON, turn=1))


def published(line: Settings) -> int:
    return len(read_topic(line, line.topics.articles))


async def test_after_restarts_and_kills_nothing_is_published_again_and_nothing_new_is_passed_over(
    following: Settings, site: Site
) -> None:
    line = following
    assert pipeline(line, "setup").returncode == 0
    await save_states(line, site)
    with running(line, "feeds"):
        assert eventually(lambda: published(line) == FEEDS * LISTED, SLOW)
        site.forget()
        assert eventually(lambda: len(site.polls) == FEEDS)
    site.forget()
    for wait in (1.5, 3.0):  # in the middle of loading, or just after it
        with running(line, "feeds") as victim:
            await asyncio.sleep(wait)
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
    site.grown = True
    with running(line, "feeds"), running(line, "feeds"):
        assert eventually(lambda: published(line) >= FEEDS * LISTED + NEW, SLOW)
        assert eventually(lambda: len(site.polls) == FEEDS)
    assert published(line) == FEEDS * LISTED + NEW
    assert sum(site.unconditional.values()) == 0
