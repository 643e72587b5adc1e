"""Saved searches, alerts and what Elasticsearch answers about them, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pipeline import settings
from pipeline.agents.alert import Searches
from pipeline.agents.new_alerts import NewAlerts
from pipeline.alerts.known import KnownSearches, KnownWaiting, Ledger
from pipeline.alerts.match import Batch, alert_id, alerts_of
from pipeline.alerts.matcher import Matched
from pipeline.index import fields
from pipeline.records import Alert, AlertStatement, IndexedArticle, SavedSearch, Webhook
from tests.fakes.kafka import FakePublisher, FakeTail
from tests.fakes.records import NOW

TOPICS = settings.load().topics
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
URL = "https://desk.example/hook"


def a_search(**changes: Any) -> SavedSearch:
    """A search for what Ada Lind says, told to one webhook."""
    given: dict[str, Any] = {
        "id": "lind",
        "name": "What Ada Lind says",
        "about": "statements",
        "query": {"speaker": "Ada Lind"},
        "created_at": NOW - timedelta(days=1),
        "webhooks": (Webhook(url=URL, secret=SECRET),),
    }
    return SavedSearch(**(given | changes))


def an_alert(number: int = 1, **changes: Any) -> Alert:
    """What that search found in an article."""
    article = f"{number:032x}"
    said = AlertStatement(
        id="s1", speaker="Ada Lind", cue="said", content="the bridge will open", type="indirect"
    )
    given: dict[str, Any] = {
        "id": alert_id("lind", article),
        "search_id": "lind",
        "search_name": "What Ada Lind says",
        "about": "statements",
        "article_id": article,
        "revision": 1,
        "title": f"Bridge {number} to open",
        "url": f"https://courier.example/{number}",
        "source": "The Courier",
        "published_at": NOW,
        "indexed_at": NOW,
        "statements": (said,),
        "statement_count": 1,
    }
    return Alert(**(given | changes))


def a_notice(number: int = 1, **changes: Any) -> IndexedArticle:
    """That an article was indexed."""
    given: dict[str, Any] = {
        "article_id": f"{number:032x}",
        "revision": 1,
        "statements": 1,
        "first_seen_at": NOW,
        "indexed_at": NOW,
    }
    return IndexedArticle(**(given | changes))


class FakeMatcher:
    """Every search finds every article, but those in ``broken`` are refused."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.broken: set[str] = set()
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def match(self, searches: Sequence[SavedSearch], batch: Batch) -> Matched:
        self.asked.append([search.id for search in searches])
        await self.go_on.wait()
        refused = {search.id: "too many clauses" for search in searches if search.id in self.broken}
        hits = [a_statements_hit(int(article_id, 16)) for article_id in batch.ids]
        found = (alerts_of(each, hits, batch) for each in searches if each.id not in refused)
        return Matched([alert for alerts in found for alert in alerts], refused)


def some_searches(publisher: FakePublisher, matcher: FakeMatcher) -> Searches:
    """The searches of a worker, as they are on the topics of a fake publisher."""
    ledger = Ledger(FakeTail(publisher, TOPICS.alerts))
    return Searches(
        KnownSearches(FakeTail(publisher, TOPICS.searches)),
        KnownWaiting(FakeTail(publisher, TOPICS.waiting)),
        matcher,
        NewAlerts(ledger, publisher, TOPICS.alerts),
        asyncio.Lock(),
    )


def an_article_hit(number: int = 1, **changes: Any) -> dict[str, Any]:
    """What Elasticsearch says of an article that matches."""
    return {"_source": _provenance(number) | changes, "_score": None}


def a_statements_hit(number: int = 1, count: int = 1) -> dict[str, Any]:
    """What Elasticsearch says of an article some of whose statements match."""
    said = [
        {
            "_source": _provenance(number)
            | {
                fields.STATEMENT_ID: f"s{ordinal}",
                fields.CONTENT: f"thing {ordinal}",
                fields.CONTENT_START: 0,
                fields.CONTENT_END: len(f"thing {ordinal}"),
                fields.TYPE: "indirect",
                fields.NEGATED: False,
                fields.CONFIDENCE: 1.0,
                fields.SPEAKER: "Ada Lind",
            },
            "_score": None,
        }
        for ordinal in range(1, min(count, 5) + 1)
    ]
    return {"inner_hits": {"statements": {"hits": {"total": {"value": count}, "hits": said}}}}


def _provenance(number: int) -> dict[str, Any]:
    return {
        fields.ARTICLE_ID: f"{number:032x}",
        fields.TITLE: f"Bridge {number} to open",
        fields.URL: f"https://courier.example/{number}",
        fields.SOURCE: "The Courier",
        fields.FIRST_SEEN: NOW.isoformat(),
    }
