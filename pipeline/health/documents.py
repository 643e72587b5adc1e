"""Documents of the health index: one for a poll, a lag or an increase. Pure.

An id is made from what the document says, so that writing it twice does no harm, and two processes
that measure the same lag in the same minute write it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.feeds.poll import PollOutcome
from pipeline.feeds.status import health_of, put_off, reason_of
from pipeline.health.counters import Increase
from pipeline.index import fields
from pipeline.index.bulk_outcome import Operation
from pipeline.index.documents import index_name

POLLS, LAGS, COUNTS = "news.polls", "news.lag", "news.counts"
"""The data sets."""

NO_REASON = "none"


class HealthDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One document. ``identity`` tells it from all others of its data set."""

    dataset: str
    identity: tuple[str, ...]
    at: datetime
    values: Mapping[str, Any]

    def operation(self, alias: str) -> Operation:
        """How it is written: into its month, over whatever has its id."""
        known = {fields.TIMESTAMP: self.at, fields.DATASET: self.dataset}
        present = {name: value for name, value in self.values.items() if value is not None}
        identity = msgspec.json.encode((self.dataset, *self.identity))
        return Operation(
            index=index_name(alias, self.at),
            id=hashlib.sha256(identity).hexdigest()[:32],
            version=int(self.at.timestamp() * 1000),
            document=msgspec.json.encode(_dated(known | present)),
        )


def poll_document(polled: PollOutcome, station: str) -> HealthDocument:
    """One poll, and how its feed is after it. The address stays out: some hold a password."""
    state = polled.state
    return HealthDocument(
        dataset=POLLS,
        identity=(polled.feed_id, state.polled_at.isoformat()),
        at=state.polled_at,
        values={
            fields.STATION: station,
            fields.FEED: polled.feed_id,
            fields.FEED_OUTCOME: polled.outcome,
            fields.FEED_HEALTH: health_of(state),
            fields.FEED_REASON: reason_of(state) or NO_REASON,
            fields.FEED_PUBLISHED: polled.published,
            fields.FEED_WAITING: len(state.tries) + put_off(state),
            fields.FEED_FAILURES: state.failures,
            fields.FEED_NEW_PER_DAY: state.new_per_day,
            fields.FEED_NEXT_POLL: state.next_poll_at,
        },
    )


def lag_documents(lags: Mapping[str, int], station: str, at: datetime) -> list[HealthDocument]:
    """How many messages each station has before it; ``station`` is the process that asked."""
    minute = at.astimezone(UTC).isoformat(timespec="minutes")
    return [
        HealthDocument(
            dataset=LAGS,
            identity=(behind, minute),
            at=at,
            values={
                fields.STATION: station,
                fields.LAG_STATION: behind,
                fields.LAG_MESSAGES: messages,
            },
        )
        for behind, messages in lags.items()
    ]


def count_documents(
    grown: Iterable[Increase], station: str, process: str, at: datetime
) -> list[HealthDocument]:
    """What a process counted since its last documents; ``process`` tells it from all others."""
    return [
        HealthDocument(
            dataset=COUNTS,
            identity=(process, at.isoformat(), each.counter, *each.labels.values()),
            at=at,
            values={
                fields.STATION: station,
                fields.COUNTER: each.counter,
                fields.COUNTER_INCREASE: each.by,
                **{fields.counter_label(name): value for name, value in each.labels.items()},
            },
        )
        for each in grown
    ]


def _dated(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dates in UTC with milliseconds: the ``strict_date_time`` of the mapping."""
    return {
        name: value.astimezone(UTC).isoformat(timespec="milliseconds")
        if isinstance(value, datetime)
        else value
        for name, value in values.items()
    }
