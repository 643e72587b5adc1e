"""Documents of the health index say what was measured, under the names of the mapping."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from pipeline.health.counters import Increase
from pipeline.health.documents import (
    HealthDocument,
    count_documents,
    lag_documents,
    poll_document,
)
from pipeline.index import fields, templates
from pipeline.metrics import LABELS
from tests.fakes.polls import POLLED, STATE
from tests.fakes.records import NOW

GROWN = Increase("news_things", dict.fromkeys(LABELS, "x"), 7)


def written(document: HealthDocument) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document.operation("news-health").document or b"")
    return found


def all_documents() -> list[HealthDocument]:
    return [
        poll_document(POLLED, "feeds"),
        *lag_documents({"enrich": 5}, "index", NOW),
        *count_documents([GROWN], "enrich", "p1", NOW),
    ]


def test_every_mapped_field_is_written_and_no_other() -> None:
    names = set().union(*map(written, all_documents()))
    assert names == templates.HEALTH.keys()


def test_a_poll_tells_how_its_feed_is() -> None:
    document = written(poll_document(POLLED, "feeds"))
    assert document[fields.TIMESTAMP] == "2026-03-01T12:00:00.000+00:00"
    assert document[fields.FEED_HEALTH] == "failing"
    assert document[fields.FEED_REASON] == "status 503"
    assert document[fields.FEED_WAITING] == 1
    assert document[fields.FEED_PUBLISHED] == 3


def test_a_feed_that_is_fine_says_that_there_is_no_reason() -> None:
    fine = replace(STATE, error=None, failures=0, tries={})
    document = written(poll_document(replace(POLLED, state=fine), "feeds"))
    assert (document[fields.FEED_HEALTH], document[fields.FEED_REASON]) == ("fine", "none")


def test_a_document_is_written_into_the_month_of_its_time() -> None:
    (lag,) = lag_documents({"enrich": 5}, "index", NOW - timedelta(days=1))
    assert lag.operation("news-health").index == "news-health-2026.02"


def test_the_same_measurement_has_the_same_id_and_another_another() -> None:
    documents = [*all_documents(), *lag_documents({"index": 5}, "index", NOW)]
    ids = [each.operation("a").id for each in documents]
    assert len(set(ids)) == len(ids)
    assert ids[:3] == [each.operation("a").id for each in all_documents()]


def test_two_processes_tell_the_lag_of_a_minute_once_and_what_they_counted_twice() -> None:
    one, other = (
        [
            *lag_documents({"enrich": 5}, station, NOW + timedelta(seconds=seconds)),
            *count_documents([GROWN], station, process, NOW),
        ]
        for station, process, seconds in (("index", "p1", 1), ("enrich", "p2", 50))
    )
    same = [a.operation("x").id == b.operation("x").id for a, b in zip(one, other, strict=True)]
    assert same == [True, False]
