"""An alert and a search never disagree: both asked of the real Elasticsearch."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from pipeline.alerts.match import Batch, recent
from pipeline.alerts.matcher import Matcher
from pipeline.alerts.searches import request
from pipeline.index.bulk import Patience
from pipeline.index.client import connect
from pipeline.records import Alert, EnrichedArticle, IndexedArticle, SavedSearch, decode, encode
from pipeline.search import search_articles, search_statements
from tests.fakes.alerts import a_search
from tests.fakes.annotated import golden
from tests.fakes.debates import a_debate
from tests.fakes.faulty_proxy import FaultyProxy, answers, resets, speaks_html
from tests.fakes.records import NOW
from tests.integration.shelf import Shelf
from tests.stacks import updated

# With it, Elasticsearch answers 400 to questions about more than one article.
FEW_TERMS = {"index": {"max_terms_count": 1}}
WEEK = timedelta(days=7)
ARTICLES = [
    golden("nominal-speaker", published_at=NOW - timedelta(days=3)),
    golden("negated-attribution", published_at=NOW - timedelta(days=2)),
    a_debate(statements=9, published_at=NOW - timedelta(hours=5)),
]


def batch(*articles: EnrichedArticle) -> Batch:
    return recent(
        [
            IndexedArticle(
                article_id=each.article.id,
                revision=each.article.revision,
                statements=len(each.annotations.statements),
                first_seen_at=NOW,
                indexed_at=NOW,
            )
            for each in articles
        ],
        WEEK,
    )


def matcher(shelf: Shelf, client: Any = None) -> Matcher:
    patience = Patience(on_wait=shelf._beat, sleep=shelf._sleep)
    return Matcher(client or shelf.client, shelf.index, patience)


async def found(shelf: Shelf, search: SavedSearch, *articles: EnrichedArticle) -> list[Alert]:
    return (await matcher(shelf).match([search], batch(*articles))).alerts


async def searched(shelf: Shelf, search: SavedSearch) -> set[str]:
    """The articles that the same search finds when a person asks."""
    asked = request(search, NOW)
    if search.about == "articles":
        return {hit.id for hit in (await search_articles(shelf.client, shelf.index, asked)).hits}
    hits = (await search_statements(shelf.client, shelf.index, asked)).hits
    return {hit.article_id for hit in hits}


@pytest.mark.parametrize(
    ("about", "query"),
    [
        ("articles", {"text": "border"}),
        ("articles", {"text": "border -judge"}),
        ("articles", {"text": "absentword"}),
        ("articles", {"text": '"(((', "order": "oldest"}),
        ("articles", {"entity": "brenn", "source": "the courier"}),
        ("articles", {"speaker": "lind", "since": "1d"}),
        ("articles", {"since": "60h", "until": "20h"}),
        ("articles", {"text": "brenn", "stories": "true"}),
        ("statements", {"speaker": "zoe lind"}),
        ("statements", {"text": "wait", "type": "indirect"}),
        ("statements", {"entity": "park", "asserted": "true"}),
        ("statements", {"language": "en", "entity_type": "PERSON"}),
        ("statements", {"speaker": "nobody"}),
    ],
)
async def test_a_search_alerts_of_what_it_finds(
    shelf: Shelf, about: Any, query: dict[str, str]
) -> None:
    await shelf.indexer().index(ARTICLES)
    search = a_search(about=about, query=query)
    alerts = await found(shelf, search, *ARTICLES)
    assert {alert.article_id for alert in alerts} == await searched(shelf, search)
    assert all(decode(encode(alert), Alert) == alert for alert in alerts)


async def test_what_was_just_written_is_found_and_only_what_is_asked_about(shelf: Shelf) -> None:
    for each in ARTICLES:
        await shelf.indexer(refresh_interval="-1").index([each])
        (alert,) = await found(shelf, a_search(about="articles", query={"language": "en"}), each)
        assert alert.article_id == each.article.id


async def test_the_first_statements_come_in_text_order_and_all_are_counted(shelf: Shelf) -> None:
    await shelf.indexer().index(ARTICLES)
    (alert,) = await found(shelf, a_search(query={"speaker": "lind"}), ARTICLES[2])
    assert [each.id for each in alert.statements] == ["s1", "s2", "s3", "s4", "s5"]
    assert (alert.statement_count, alert.title) == (9, "A debate")


async def test_many_searches_are_asked_in_few_calls(shelf: Shelf) -> None:
    await shelf.indexer().index(ARTICLES)
    searches = [a_search(id=f"s{number}", query={"speaker": "lind"}) for number in range(120)]
    alerts = (await matcher(shelf).match(searches, batch(*ARTICLES))).alerts
    assert len(alerts) == len({alert.id for alert in alerts}) == len(searches)


async def test_a_search_that_cannot_be_asked_holds_up_no_other(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    await shelf.indexer().index(ARTICLES)
    good, bad = a_search(query={"speaker": "lind"}), a_search(id="bad", query={"word": "x"})
    with caplog.at_level(logging.WARNING):
        matched = await matcher(shelf).match([bad, good], batch(*ARTICLES))
    assert {alert.search_id for alert in matched.alerts} == {"lind"}
    assert matched.refused.keys() == {"bad"}
    assert "saved search bad waits" in caplog.text


async def test_a_search_that_elasticsearch_refuses_is_named_and_others_are_asked(
    shelf: Shelf,
) -> None:
    await shelf.indexer().index(ARTICLES)
    statements = f"{shelf.index.statements}-*"
    await shelf.client.indices.put_settings(index=statements, settings=FEW_TERMS)
    searches = [a_search(), a_search(id="articles", about="articles", query={"language": "en"})]
    matched = await matcher(shelf).match(searches, batch(*ARTICLES))
    assert {alert.search_id for alert in matched.alerts} == {"articles"}
    assert matched.refused.keys() == {"lind"}
    assert "number of terms [3]" in matched.refused["lind"]


@pytest.mark.parametrize("endpoint", ["_msearch", "_refresh"])
async def test_an_outage_is_waited_out(shelf: Shelf, endpoint: str) -> None:
    await shelf.indexer().index(ARTICLES)
    (upstream,) = shelf.settings.elasticsearch.hosts
    async with FaultyProxy(upstream) as proxy:
        proxy.fail(answers(503), resets, speaks_html, endpoint=endpoint)
        behind = updated(shelf.settings, {"elasticsearch": {"hosts": (proxy.url,)}})
        async with connect(behind.elasticsearch) as client:
            search = a_search(query={"speaker": "lind"})
            matched = await matcher(shelf, client).match([search], batch(*ARTICLES))
        assert proxy.exhausted
    assert (len(matched.alerts), matched.refused) == (1, {})


async def test_where_nothing_was_indexed_nothing_is_found(shelf: Shelf) -> None:
    assert await found(shelf, a_search(), *ARTICLES) == []
