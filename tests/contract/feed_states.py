"""What every FeedStates does; a fake and the real one pass the same tests.

A test class inherits from :class:`FeedStatesContract` and gives the fixture ``states``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.kafka.ports import FeedStates
from pipeline.records import FeedState, SeenEntry, SeenPage

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_state(feed_id: str, **changes: object) -> FeedState:
    fields = {"feed_id": feed_id, "url": "https://courier.example/rss", "polled_at": NOON}
    return FeedState(**(fields | changes))  # type: ignore[arg-type]


class FeedStatesContract:
    """The suite."""

    async def test_before_anything_is_saved_there_is_nothing(self, states: FeedStates) -> None:
        assert await states.load() == {}

    async def test_the_latest_state_of_each_feed_comes_back_whole(self, states: FeedStates) -> None:
        seen = SeenEntry(
            article_id="a" * 32,
            entry_sha256="b" * 64,
            first_seen_at=NOON,
            content_sha256="c" * 64,
            page=SeenPage(revisits=1, etag='W/"3', chars=900),
        )
        latest = a_state(
            "one",
            etag='W/"2',
            seen={"tag:ü": seen},
            tries={"tag:2": 1},
            failures=2,
            next_revisit_at=NOON,
        )
        await states.save(a_state("one", etag='W/"1'))
        await states.save(a_state("two"))
        await states.save(latest)
        assert await states.load() == {"one": latest, "two": a_state("two")}
