"""Several feed consumers on one cluster: they share the feeds, and one may die."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.records import Article, decode
from pipeline.settings import Settings
from tests.fakes.feeds import BODY, atom, atom_entry
from tests.reading import read_topic
from tests.running import pipeline, pipeline_json, running
from tests.stacks import updated
from tests.waiting import eventually

FEEDS = 24


class Site:
    """Feeds of as many entries each as there are ``editions``; counts who polls what."""

    def __init__(self) -> None:
        self.editions = 1
        self.polls: Counter[str] = Counter()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.polls[self.path] += 1
                feed = self.path.strip("/").removesuffix(".xml")
                entries = [
                    atom_entry(n, content=f"{BODY}<p>{feed}, {n}</p>").replace(
                        "/news/", f"/{feed}/"
                    )
                    for n in range(site.editions)
                ]
                body = atom(*entries).replace(b"https://courier.example", site.url.encode())
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """The counts say enough."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    serving = threading.Thread(target=site.server.serve_forever, daemon=True)
    serving.start()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture
def sharing(line: Settings, site: Site, tmp_path: Path) -> Settings:
    """A line that follows the site's feeds, each every second."""
    file = tmp_path / "feeds.toml"
    file.write_text(
        "".join(
            f'[[feeds]]\nid = "feed-{n}"\nurl = "{site.url}/feed-{n}.xml"\nname = "Feed {n}"\n'
            "poll_interval_seconds = 1\nfirst_poll_max_age_days = 0\n"
            "allow_private_addresses = true\n"
            for n in range(FEEDS)
        )
    )
    return updated(line, {"feeds": {"file": file}, "sample": {"enabled": False}})


def editions(line: Settings) -> set[tuple[str, str]]:
    """The articles that were published, by id and content. One whose poll was cut off, by a kill or
    because its feed went to another consumer, is published again: the same, under the same id."""
    articles = [decode(value, Article) for value in read_topic(line, line.topics.articles)]
    return {(article.id, article.content_sha256) for article in articles}


def test_two_consumers_share_the_feeds_and_one_that_is_killed_loses_none(
    sharing: Settings, site: Site
) -> None:
    assert pipeline(sharing, "setup").returncode == 0
    with running(sharing, "feeds"):
        with running(sharing, "feeds") as victim:
            eventually(lambda: len(site.polls) == FEEDS and len(editions(sharing)) == FEEDS)
            victim.send_signal(signal.SIGKILL)
            victim.wait(10)
        site.editions = 2
        eventually(lambda: len(editions(sharing)) == 2 * FEEDS)
    assert len(editions(sharing)) == 2 * FEEDS
    statuses = pipeline_json(sharing, "feeds", "status")
    assert {status["health"] for status in statuses} == {"fine"}
    assert len(statuses) == FEEDS
