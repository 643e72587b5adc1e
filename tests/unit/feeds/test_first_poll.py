"""What a first poll leaves out."""

import re
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.decide import decide
from pipeline.feeds.entry_reader import BATCH
from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.first_poll import (
    Limits,
    is_first,
    leave_out_past,
    limits_of,
    past_of,
    with_first_poll,
)
from pipeline.feeds.parsed import Entry
from pipeline.kafka.ports import Unreadable
from pipeline.records import FeedState, Reason
from tests.fakes.feeds import (
    BODY,
    FEED_URL,
    MORNING,
    a_subscription,
    an_entry,
    atom,
    atom_entry,
    feed_settings,
    html_page,
)
from tests.unit.feeds.test_poll import Line, counted

SITE = "https://courier.example"
LIMITS = Limits(max_age=timedelta(days=7), max_undated=2)
DAY = timedelta(days=1)
STATE = FeedState(feed_id="courier", url=FEED_URL, polled_at=MORNING)

ages = st.none() | st.floats(-10, 1_000).map(lambda days: MORNING - days * DAY)
feeds = st.lists(ages, max_size=20).map(
    lambda times: tuple(an_entry(n, published=time) for n, time in enumerate(times))
)


def ids(entries: tuple[Entry, ...]) -> list[str]:
    due = decide(entries, None).due
    past = past_of(due, LIMITS, MORNING)
    return [each.entry.id.removeprefix("tag:") for each in due if each not in past]


@pytest.mark.parametrize(
    ("published", "updated", "taken"),
    [
        (MORNING - 6 * DAY, None, True),
        (MORNING - 7 * DAY, None, True),
        (MORNING - 8 * DAY, None, False),
        (MORNING - 800 * DAY, MORNING - DAY, True),
        (None, MORNING - 8 * DAY, False),
        (MORNING + DAY, None, True),
    ],
)
def test_what_changed_last_before_the_limit_is_left_out(
    published: datetime | None, updated: datetime | None, taken: bool
) -> None:
    assert (ids((an_entry(1, published=published, updated=updated),)) == ["1"]) is taken


def test_of_entries_without_a_time_the_first_listed_are_taken() -> None:
    assert ids(tuple(an_entry(n, published=None) for n in range(1, 6))) == ["2", "1"]
    assert ids((an_entry(1, published=None),)) == ["1"]


@given(feeds)
def test_every_entry_is_due_or_remembered_and_never_both(entries: tuple[Entry, ...]) -> None:
    decision = decide(entries, STATE)
    kept, past = leave_out_past(decision, a_subscription(), STATE, feed_settings().feeds)
    due = {version.key for version in kept.due}
    assert due | set(past) == {version.key for version in decision.due}
    assert not due & set(past)
    assert list(kept.due) == [version for version in decision.due if version.key in due]


def test_a_feed_may_have_a_limit_of_its_own_or_none() -> None:
    settings = feed_settings().feeds
    assert limits_of(a_subscription(first_poll_max_age_days=0), settings) is None
    assert limits_of(a_subscription(), feed_settings(first_poll_max_age_days=0).feeds) is None
    own = limits_of(a_subscription(first_poll_max_age_days=30), settings)
    assert own is not None
    assert own.max_age == 30 * DAY


async def test_the_past_of_a_feed_is_passed_over_once_and_for_all() -> None:
    line = Line()
    news, past = atom_entry(1, content=BODY), atom_entry(2, updated="2019-02-28T09:00:00Z")
    line.web.serve(FEED_URL, atom(news, past))
    before = counted("news_entries", outcome="passed-over")
    outcome = await line.poll()
    assert (outcome.published, outcome.passed_over) == (1, 1)
    assert counted("news_entries", outcome="passed-over") == before + 1
    line.web.serve(FEED_URL, atom(atom_entry(3, content=BODY + "3"), news, past))
    outcome = await line.poll()
    assert (outcome.published, outcome.known, outcome.passed_over) == (1, 2, 0)
    assert [url for url, _, _ in line.web.asked] == [FEED_URL] * 2


async def test_an_old_entry_that_appears_later_is_news() -> None:
    line = Line()
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    old = atom_entry(2, content=BODY + "2", updated="2019-02-28T09:00:00Z")
    line.web.serve(FEED_URL, atom(old, atom_entry(1, content=BODY)))
    assert (await line.poll()).published == 1


async def test_a_change_of_an_entry_that_was_passed_over_is_news() -> None:
    line = Line()
    line.web.serve(FEED_URL, atom(atom_entry(1, updated="2019-02-28T09:00:00Z")))
    await line.poll()
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY, updated="2026-03-01T08:00:00Z")))
    assert (await line.poll()).published == 1


async def test_of_a_sitemap_without_times_the_first_addresses_are_fetched() -> None:
    line = Line()
    rows = "".join(f"<url><loc>{SITE}/news/{number}</loc></url>" for number in range(5_000))
    line.web.serve(FEED_URL, f"<urlset>{rows}</urlset>".encode())
    for number in range(5):
        line.web.serve(f"{SITE}/news/{number}", html_page(f"Bridge {number}"))
    line.poller = line.new_poller(feed_settings(host_delay_seconds=0, first_poll_max_undated=3))
    outcome = await line.poll()
    assert (outcome.published, outcome.passed_over) == (3, 4_997)
    assert len(line.state.seen) == 5_000
    assert [url for url, _, _ in line.web.asked[1:]] == [f"{SITE}/news/{n}" for n in (2, 1, 0)]


async def test_a_first_poll_that_is_cut_short_has_passed_the_past_over() -> None:
    line = Line()
    news = [atom_entry(number) for number in range(40)]
    line.web.serve(FEED_URL, atom(*news, atom_entry(99, updated="2019-02-28T09:00:00Z")))
    for number in range(40):
        line.web.serve(f"{SITE}/news/{number}", html_page(f"Bridge {number}"))
    saved: list[FeedState] = []

    async def save(state: FeedState) -> None:
        saved.append(state)

    line.states.save = save  # type: ignore[method-assign]
    await line.poll()
    assert "tag:99" in saved[0].seen


def undated(*numbers: int) -> bytes:
    """A feed whose entries do not say when they are of."""
    entries = [atom_entry(number, content=f"{BODY}<p>{number}</p>") for number in numbers]
    return re.sub(rb"<(updated|published)>[^<]*</[a-z]+>", b"", atom(*entries))


async def test_a_feed_that_was_empty_at_first_has_had_its_first_poll() -> None:
    line = Line()
    line.web.serve(FEED_URL, undated())
    await line.poll()
    assert line.state.first_poll_at == line.state.polled_at
    line.web.serve(FEED_URL, undated(*range(150)))
    outcome = await line.poll()
    assert (outcome.published, outcome.passed_over) == (150, 0)


async def test_after_polls_that_failed_the_first_is_still_to_come() -> None:
    line = Line()
    line.web.fail(FEED_URL, FetchFailed("status 503", permanent=False))
    await line.poll()
    assert line.state.first_poll_at is None
    line.web.serve(FEED_URL, undated(*range(150)))
    assert (await line.poll()).passed_over == 50


async def test_a_first_poll_that_is_cut_short_goes_on_and_takes_what_came_since() -> None:
    line = Line()
    line.web.serve(FEED_URL, undated(*range(150)))
    line.states.fail_at(2)
    with pytest.raises(ConnectionError):
        await line.poll()
    line.restart()
    assert len(line.state.seen) == 50 + BATCH
    line.web.serve(FEED_URL, undated(*range(150, 300), *range(150)))
    outcome = await line.poll()
    assert outcome.passed_over == 0
    assert {article.url.rpartition("/")[2] for article in line.articles} == {
        str(number) for number in [*range(100), *range(150, 300)]
    }


async def test_a_sitemap_whose_first_reading_is_cut_short_is_not_first_read_again() -> None:
    line = Line()
    map_url = f"{SITE}/map.xml"
    rows = [f"<url><loc>{SITE}/news/{number}</loc></url>" for number in range(300)]
    index = f"<sitemapindex><sitemap><loc>{map_url}</loc></sitemap></sitemapindex>"
    line.web.serve(FEED_URL, index.encode())
    line.web.serve(map_url, f"<urlset>{''.join(rows[150:])}</urlset>".encode())
    for number in range(300):
        line.web.serve(f"{SITE}/news/{number}", html_page(f"Bridge {number}"))
    line.states.fail_at(2)
    with pytest.raises(ConnectionError):
        await line.poll()
    line.restart()
    line.web.serve(map_url, f"<urlset>{''.join(rows)}</urlset>".encode())
    assert (await line.poll()).passed_over == 0
    assert len({article.id for article in line.articles}) == 100 + 150


@pytest.mark.parametrize(
    ("changes", "is_past"),
    [
        ({}, False),
        ({"failures": 3}, False),
        ({"fetched_at": MORNING - DAY}, True),
        ({"tries": {"tag:1": 1}}, True),
        ({"turn": 1, "fetched_at": MORNING - DAY}, False),
    ],
)
def test_old_states_tell_of_their_first_poll_by_what_it_left(
    changes: dict[str, object], is_past: bool
) -> None:
    state = msgspec.structs.replace(STATE, **changes)
    assert is_first(with_first_poll(state)) is not is_past


async def test_of_a_feed_whose_state_is_unreadable_nothing_new_is_passed_over() -> None:
    """And the state is kept whole before anything is written over it, once."""
    line = Line()
    broken = Unreadable(value=b"{", reason=Reason.UNDECODABLE, detail="cut off", turn=3)
    line.states.states["courier"] = broken
    line.web.fail(FEED_URL, FetchFailed("status 503", permanent=False))
    await line.poll()
    (letter,) = line.letters
    assert (letter.key, letter.payload_bytes()) == ("courier", b"{")
    assert (line.state.forgotten, line.state.turn) == (True, 4)
    old = atom_entry(999, updated="2019-02-28T09:00:00Z")
    feed = undated(*range(150)).replace(b"</feed>", old.encode() + b"</feed>")
    line.web.serve(FEED_URL, feed)
    outcome = await line.poll()
    assert (outcome.published, outcome.passed_over) == (150, 1)
    assert not line.state.forgotten
    assert len(line.letters) == 1
