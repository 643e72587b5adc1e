"""Records on disk behave as those in a dict."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.feeds.shelf import Shelf
from pipeline.records import FeedState, SeenEntry

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_state(feed_id: str, **changes: object) -> FeedState:
    fields = {"feed_id": feed_id, "url": "https://courier.example/rss", "polled_at": NOON}
    return FeedState(**(fields | changes))  # type: ignore[arg-type]


def test_what_is_put_comes_back_whole_and_the_last_one_counts() -> None:
    seen = SeenEntry(article_id="a" * 32, entry_sha256="b" * 64, first_seen_at=NOON)
    latest = a_state("ü", seen={"tag:1": seen}, next_poll_at=NOON + timedelta(hours=1))
    with Shelf() as shelf:
        shelf.states["ü"] = a_state("ü")
        shelf.states["ü"] = latest
        shelf.articles["a"] = seen
        assert dict(shelf.states) == {"ü": latest}
        assert dict(shelf.articles) == {"a": seen}


def test_what_is_not_there_is_missing_as_in_a_dict() -> None:
    with Shelf() as shelf:
        shelf.states["one"] = a_state("one")
        del shelf.states["one"]
        assert (len(shelf.states), shelf.states.get("one")) == (0, None)
        assert shelf.states.pop("one", None) is None
        with pytest.raises(KeyError):
            shelf.states["one"]
        with pytest.raises(KeyError):
            del shelf.states["one"]


def test_two_shelves_know_nothing_of_each_other() -> None:
    with Shelf() as one, Shelf() as other:
        one.states["one"] = a_state("one")
        assert "one" not in other.states
