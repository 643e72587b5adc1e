"""The web application over a real index with a few articles in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from httpx import ASGITransport, AsyncClient
from msgspec.structs import replace

from pipeline import settings
from pipeline.alerts.derived import WebhookKeys
from pipeline.alerts.log import LoggedAlert
from pipeline.kafka.ports import SavedSearches
from pipeline.letters.desk import LetterDesk, Topic
from pipeline.records import EnrichedArticle, Source, WaitingSearch
from pipeline.search.library import Library
from pipeline.settings import ApiSettings
from pipeline.web.alert_desk import AlertDesk
from pipeline.web.app import build_web
from tests.fakes.annotated import golden
from tests.fakes.debates import a_debate
from tests.fakes.health import FakeHealth
from tests.fakes.kafka import FakePieces, FakePublisher, FakeSavedSearches
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf

STORY = "5" * 32
CORRECTED = 2
"""The revision of the articles; the first of them was another before."""
HOSTILE = "<script>alert(1)</script> & \"Bridge\" 'to' close"


def api_settings(**changes: object) -> ApiSettings:
    """Those of a server for this machine alone."""
    given = {
        "listen": "127.0.0.1:0",
        "hosts": ("testserver", "127.0.0.1"),
        "open": False,
        "requests_per_minute": 0,
        "export_limit": 1_000,
        "connections": 500,
        "connections_per_client": 400,
        "streams_per_client": 8,
    }
    return ApiSettings.model_validate({**given, **changes})


def before_it_was_corrected(debate: EnrichedArticle) -> EnrichedArticle:
    """An older version, with a hostile title and a statement more."""
    article = debate.article
    given = {name: getattr(article, name) for name in ("id", "url", "canonical_url", "source")}
    older = a_debate(title=f"{HOSTILE} 1", statements=3, published_at=article.published_at, **given)
    return replace(older, story_id=STORY)


def led_there_from_elsewhere(debate: EnrichedArticle) -> EnrichedArticle:
    """The same text, to which somebody else's feed led."""
    article = replace(
        debate.article, origin="page", feed_id="elsewhere", revision=debate.article.revision + 1
    )
    return replace(debate, article=article)


@pytest.fixture
async def library(shelf: Shelf) -> Library:
    """Three copies of a debate, one with a hostile title and one that was corrected, and an article
    of another story."""
    debates = [
        replace(
            a_debate(
                id=f"{number:032x}",
                revision=CORRECTED,
                url=f"https://courier.example/{number}",
                canonical_url=f"https://courier.example/{number}",
                published_at=NOW - timedelta(days=number),
                origin="own",
                feed_id="courier",
                title=HOSTILE if number == 3 else f"Debate {number}",
                source=Source(name="The Courier", domain="courier.example", country="GB"),
            ),
            story_id=STORY,
        )
        for number in (1, 2, 3)
    ]
    await shelf.indexer().index([before_it_was_corrected(debates[0])])
    await shelf.indexer().index([*debates, golden("nominal-speaker")])
    await shelf.indexer().index([led_there_from_elsewhere(debates[0])])
    await shelf.client.indices.refresh(index=",".join(shelf.index.aliases), ignore_unavailable=True)
    return Library(shelf.client, shelf.index)


@pytest.fixture
def health() -> FakeHealth:
    return FakeHealth()


def a_desk() -> AlertDesk:
    """Saved searches in memory, and no alerts yet."""
    kept = FakeSavedSearches()

    @asynccontextmanager
    async def opened() -> AsyncIterator[SavedSearches]:
        yield kept

    async def log(limit: int, search_id: str | None) -> list[LoggedAlert]:
        return []

    async def waiting() -> dict[str, WaitingSearch]:
        return {}

    return AlertDesk(opened, log, waiting, settings.load().alerts, lambda: NOW, KEYS)


KEYS = WebhookKeys(lambda: b"k" * 32)
LETTERS = FakePublisher()


@asynccontextmanager
async def some_letters() -> AsyncIterator[LetterDesk]:
    """The dead letters of :data:`LETTERS`."""
    topics = settings.load().topics
    pieces = FakePieces(LETTERS, topics.dead_letters)
    topic = Topic(topics.dead_letters, pieces, LETTERS, frozenset({topics.articles}))
    yield LetterDesk(topic, lambda: NOW)


@pytest.fixture
async def client(library: Library, health: FakeHealth) -> AsyncIterator[AsyncClient]:
    """Asks the application without a network between."""
    app = build_web(library, health, a_desk(), some_letters, api_settings(), lambda: NOW)
    transport = ASGITransport(app, raise_app_exceptions=True)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client
