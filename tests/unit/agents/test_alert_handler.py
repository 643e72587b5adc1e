"""From notices to alerts: each find once, whatever is repeated."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from pipeline import settings
from pipeline.agents.alert import AlertHandler
from pipeline.agents.batch import RawMessage
from pipeline.agents.tenure import Tenure, TenureEnded
from pipeline.kafka.states import SAVED_SEARCHES, state_message
from pipeline.records import Alert, DeadLetter, IndexedArticle, SavedSearch, Stage, decode, encode
from pipeline.telemetry.spans import Span, Tracer
from pipeline.telemetry.trace import TraceContext, in_headers
from tests.fakes.alerts import FakeMatcher, a_notice, a_search, some_searches
from tests.fakes.gates import a_gate
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

SETTINGS = settings.load()
TOPICS = SETTINGS.topics


class Station:
    """A line's alert workers, one after the other."""

    def __init__(self, *searches: SavedSearch) -> None:
        self.publisher = FakePublisher()
        self.matcher = FakeMatcher()
        self.save(*searches)
        self.restart()

    def save(self, *searches: SavedSearch) -> None:
        self.publisher.sent += [
            state_message(TOPICS.searches, SAVED_SEARCHES, each) for each in searches
        ]

    def restart(self, tracer: Tracer | None = None) -> None:
        self.tenure = Tenure()
        self.tenure.owns(frozenset({0}))
        self.handler = AlertHandler(
            SETTINGS,
            some_searches(self.publisher, self.matcher),
            self.publisher,
            lambda: NOW,
            self.tenure,
            a_gate(Stage.ALERT, self.publisher),
            tracer,
        )

    async def told(self, *notices: IndexedArticle) -> None:
        await self.handler([raw(encode(each), n) for n, each in enumerate(notices)])

    def found(self) -> list[tuple[str, int]]:
        alerts = [decode(m.value, Alert) for m in self.publisher.of(TOPICS.alerts)]
        return [(alert.search_id, int(alert.article_id, 16)) for alert in alerts]


def raw(value: bytes, offset: int = 0) -> RawMessage:
    return RawMessage(topic=TOPICS.indexed, partition=0, offset=offset, key=b"k", value=value)


async def test_each_search_alerts_of_each_article_once() -> None:
    station = Station(a_search(), a_search(id="other"))
    await station.told(a_notice(1), a_notice(2))
    assert sorted(station.found()) == [("lind", 1), ("lind", 2), ("other", 1), ("other", 2)]
    alert = station.publisher.of(TOPICS.alerts)[0]
    assert alert.key == f"{1:032x}".encode()
    assert dict(alert.headers)["ce_id"].decode() == decode(alert.value, Alert).id


async def test_what_is_told_again_after_a_restart_or_a_correction_alerts_no_more() -> None:
    station = Station(a_search())
    await station.told(a_notice(1))
    await station.told(a_notice(1), a_notice(2))
    station.restart()
    await station.told(a_notice(1, revision=2), a_notice(2), a_notice(3))
    assert station.found() == [("lind", 1), ("lind", 2), ("lind", 3)]


async def test_what_one_worker_published_the_next_knows_though_both_run() -> None:
    station = Station(a_search())
    first = station.handler
    station.restart()
    for handler in (first, station.handler, first):
        await handler([raw(encode(a_notice(1)))])
    assert station.found() == [("lind", 1)]


async def test_what_was_begun_before_the_partitions_went_to_another_is_left_to_it() -> None:
    station = Station(a_search())
    station.matcher.go_on.clear()
    slow = asyncio.create_task(station.told(a_notice(1)))
    await asyncio.sleep(0)
    await station.tenure.lets_go()
    station.tenure.owns(frozenset({0}))
    station.matcher.go_on.set()
    with pytest.raises(TenureEnded):
        await slow
    assert station.found() == []
    await station.told(a_notice(1))
    assert station.found() == [("lind", 1)]


async def test_a_batch_that_was_not_published_is_found_again() -> None:
    station = Station(a_search())
    station.publisher.raise_on_publish(RuntimeError("killed"))
    with pytest.raises(RuntimeError):
        await station.told(a_notice(1))
    sent = station.publisher.sent
    station.publisher = FakePublisher()
    station.publisher.sent = sent
    station.restart()
    await station.told(a_notice(1))
    assert station.found() == [("lind", 1)]


async def test_a_search_that_is_saved_now_is_asked_at_once_and_one_that_rests_is_not() -> None:
    station = Station(a_search(active=False))
    await station.told(a_notice(1))
    assert station.matcher.asked == []
    station.save(a_search(id="new"))
    await station.told(a_notice(2))
    assert station.matcher.asked == [["new"]]


async def test_without_searches_and_without_recent_articles_nothing_is_asked() -> None:
    station = Station()
    await station.told(a_notice(1))
    station.save(a_search())
    await station.told(a_notice(2, first_seen_at=NOW - timedelta(days=30)))
    assert station.matcher.asked == []
    assert station.found() == []


async def test_a_notice_that_cannot_be_read_costs_only_itself() -> None:
    station = Station(a_search())
    await station.handler([raw(b"{}"), raw(encode(a_notice(1)), 1)])
    assert station.found() == [("lind", 1)]
    (letter,) = (decode(m.value, DeadLetter) for m in station.publisher.of(TOPICS.dead_letters))
    assert letter.stage == "alert"


async def test_an_unreadable_alert_on_the_ledger_is_passed_over() -> None:
    station = Station(a_search())
    good = state_message(TOPICS.searches, SAVED_SEARCHES, a_search())
    for value in (b"{", b'{"id": "zz"}', b'{"id": 1}'):
        message = type(good)(topic=TOPICS.alerts, key=b"k", value=value)
        station.publisher.sent.append(message)
    station.matcher = FakeMatcher()
    await station.told(a_notice(1))
    assert len(station.publisher.of(TOPICS.alerts)) == 4


async def test_an_alert_stays_in_the_trace_of_its_article() -> None:
    station, spans = Station(a_search()), list[Span]()
    station.restart(Tracer(spans.extend))
    parent = TraceContext("ab" * 16, "cd" * 8)
    message = raw(encode(a_notice(1)))
    await station.handler([replace(message, headers=(parent.header(),))])
    sent = in_headers(station.publisher.of(TOPICS.alerts)[0].headers)
    (span,) = spans
    assert sent is not None
    assert (sent.trace_id, sent.span_id) == (parent.trace_id, span.context.span_id)
    assert (span.name, span.context.parent_id) == ("alert", parent.span_id)
    assert span.attributes["news.id"] == f"{1:032x}"
