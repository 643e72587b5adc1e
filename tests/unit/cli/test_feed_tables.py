"""Feeds as a person sees them."""

import io
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline.cli.feed_tables import status_table, summary
from pipeline.feeds.status import FeedStatus, Health
from tests.fakes.feeds import FEED_URL, MORNING


def a_status(**changes: object) -> FeedStatus:
    fields: dict[str, object] = {
        "id": "courier",
        "name": "The Courier",
        "url": FEED_URL,
        "health": Health.FINE,
    }
    return FeedStatus(**(fields | changes))  # type: ignore[arg-type]


def shown(*statuses: FeedStatus) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(status_table(statuses, MORNING))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_times_are_told_by_how_far_they_are() -> None:
    text = shown(
        a_status(
            last_poll=MORNING - timedelta(minutes=12),
            next_poll=MORNING + timedelta(hours=3, minutes=30),
            new_per_day=31.46,
        ),
        a_status(next_poll=MORNING - timedelta(seconds=5)),
    )
    assert all(words in text for words in ("12 min", "3 h", "31.5", "now"))


def test_what_is_wrong_is_told_with_how_often() -> None:
    text = shown(a_status(health=Health.FAILING, reason="status 503", failures=4))
    assert "failing" in text
    assert "status 503 (4 times in a row)" in text
    assert "3 pages are tried again" in shown(a_status(health=Health.WAITING, waiting=3))


@given(st.text(max_size=30))
def test_whatever_a_feed_says_stays_text(reason: str) -> None:
    text = shown(a_status(health=Health.FAILING, reason=f"[bold]{reason}\x1b[31m", failures=1))
    assert "[bold]" in text
    assert "\x1b" not in text


def test_the_summary_counts_them() -> None:
    statuses = [a_status(), a_status(), a_status(health=Health.GONE)]
    assert summary(statuses) == "3 feeds: 1 gone, 2 fine"
    assert summary([]) == "no feeds; add some to config/feeds.toml"
