"""Polls that look again at pages already read."""

from datetime import timedelta

import pytest

from pipeline.errors import ServiceUnavailable
from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.poll import PollOutcome
from pipeline.feeds.revisits import REVISIT_LIMIT
from tests.fakes.feeds import (
    BODY,
    FEED_URL,
    a_subscription,
    atom,
    atom_entry,
    feed_settings,
    html_page,
)
from tests.fakes.kafka import FakePublisher
from tests.unit.feeds.test_poll import PAGE_URL, Line, counted

CORRECTED = html_page(body=f"{BODY}<p>An earlier version gave another year.</p>")
DAY = timedelta(days=1)


@pytest.fixture
async def line() -> Line:
    """A feed of one teaser, polled once."""
    line = Line()
    line.web.serve(FEED_URL, atom(atom_entry(1)), etag='"feed"')
    line.web.serve(PAGE_URL, html_page(), etag='"page"', last_modified="then")
    await line.poll()
    return line


async def poll_after(line: Line, hours: float) -> PollOutcome:
    line.web.asked.clear()
    line.clock.now += timedelta(hours=hours)
    return await line.poll()


def asked(line: Line) -> list[str]:
    return [url for url, _, _ in line.web.asked]


async def test_a_page_edited_behind_an_unchanged_entry_is_a_new_revision(line: Line) -> None:
    line.web.serve(PAGE_URL, CORRECTED)
    outcome = await poll_after(line, 2)
    first, second = line.articles
    assert second.id == first.id
    assert second.revision > first.revision
    assert second.first_seen_at == first.first_seen_at
    assert second.text.endswith("another year.")
    assert (outcome.published, outcome.known) == (1, 0)


async def test_before_its_age_no_page_is_asked_for_again(line: Line) -> None:
    await poll_after(line, 1)
    assert line.web.asked == [(FEED_URL, '"feed"', None)]


async def test_a_visit_asks_for_the_whole_feed_and_for_the_page_with_its_validators(
    line: Line,
) -> None:
    await poll_after(line, 2)
    assert line.web.asked == [(FEED_URL, None, None), (PAGE_URL, '"page"', "then")]
    assert line.state.etag == '"feed"'


async def test_a_page_that_did_not_change_leads_to_nothing(line: Line) -> None:
    line.web.not_modified(PAGE_URL)
    outcome = await poll_after(line, 2)
    assert (outcome.published, outcome.known, outcome.rejected) == (0, 1, 0)
    line.web.serve(PAGE_URL, html_page())
    outcome = await poll_after(line, 24)
    assert (outcome.published, outcome.known, outcome.rejected) == (0, 1, 0)
    assert len(line.articles) == 1


async def test_after_the_last_age_there_are_no_more_visits(line: Line) -> None:
    for hours in (2, 24):
        await poll_after(line, hours)
        assert asked(line) == [FEED_URL, PAGE_URL]
    assert line.state.next_revisit_at is None
    await poll_after(line, 90)
    assert asked(line) == [FEED_URL]
    assert line.web.asked[0][1] == '"feed"'


async def test_visits_missed_while_the_consumer_was_off_become_one(line: Line) -> None:
    line.restart()
    await poll_after(line, 90)
    assert asked(line) == [FEED_URL, PAGE_URL]
    assert line.state.next_revisit_at is None


@pytest.mark.parametrize(
    "failure",
    [
        FetchFailed("status 404", permanent=True, status=404),
        FetchFailed("status 410", permanent=True, status=410),
        FetchFailed("not done in 30 s", permanent=False),
    ],
)
async def test_a_page_that_is_not_to_be_had_any_more_takes_nothing_away(
    line: Line, failure: FetchFailed
) -> None:
    line.web.fail(PAGE_URL, failure)
    outcome = await poll_after(line, 2)
    assert (outcome.published, outcome.known, outcome.rejected, outcome.postponed) == (0, 1, 0, 0)
    assert line.letters == []
    assert line.state.tries == {}
    await poll_after(line, 1)
    assert asked(line) == [FEED_URL]


async def test_a_wall_before_the_page_takes_nothing_away(line: Line) -> None:
    line.web.serve(PAGE_URL, b"<html><body><p>Subscribe to read on.</p></body></html>")
    await poll_after(line, 2)
    assert (len(line.articles), line.letters) == (1, [])


async def test_a_feed_that_answers_304_in_between_has_its_visits_all_the_same(line: Line) -> None:
    line.web.not_modified(FEED_URL)
    await poll_after(line, 1)
    line.web.serve(FEED_URL, atom(atom_entry(1)), etag='"feed"')
    await poll_after(line, 1)
    assert asked(line) == [FEED_URL, PAGE_URL]


async def test_a_feed_that_fails_when_a_visit_is_due_has_it_later(line: Line) -> None:
    line.web.fail(FEED_URL, FetchFailed("status 503", permanent=False))
    await poll_after(line, 2)
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    await poll_after(line, 1)
    assert asked(line) == [FEED_URL, PAGE_URL]


async def test_a_feed_that_breaks_when_a_visit_is_due_is_reported_once(line: Line) -> None:
    line.web.serve(FEED_URL, b"<html>maintenance</html>")
    await poll_after(line, 2)
    await poll_after(line, 1)
    assert len(line.letters) == 1


async def test_an_entry_that_left_the_feed_has_no_more_visits(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(2, content=BODY)), etag='"next"')
    await poll_after(line, 1)
    assert line.state.next_revisit_at is None
    await poll_after(line, 2)
    assert line.web.asked == [(FEED_URL, '"next"', None)]


async def test_a_full_text_of_the_feed_is_not_looked_for_on_its_page(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(2, content=BODY)))
    await poll_after(line, 1)
    await poll_after(line, 90)
    assert asked(line) == [FEED_URL]


async def test_an_entry_that_changed_is_read_by_its_new_words(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, updated="2026-03-01T09:00:00Z")))
    line.web.serve(PAGE_URL, CORRECTED)
    await poll_after(line, 2)
    assert asked(line) == [FEED_URL, PAGE_URL]
    assert len(line.articles) == 2


async def test_only_the_newest_version_of_an_entry_is_visited(line: Line) -> None:
    old, new = atom_entry(1), atom_entry(1, updated="2026-03-01T09:00:00Z")
    line.web.serve(FEED_URL, atom(new, old))
    await poll_after(line, 1)
    await poll_after(line, 1)
    assert asked(line) == [FEED_URL, PAGE_URL]
    await poll_after(line, 1)
    assert asked(line) == [FEED_URL]


async def test_two_entries_of_one_page_have_one_visit_and_the_feed_is_then_left_alone(
    line: Line,
) -> None:
    twice = atom(atom_entry(2).replace("/news/2", "/news/1"), atom_entry(1))
    line.web.serve(FEED_URL, twice, etag='"feed"')
    await poll_after(line, 0)
    await poll_after(line, 2)
    assert asked(line) == [FEED_URL, PAGE_URL]
    await poll_after(line, 1)
    assert line.web.asked == [(FEED_URL, '"feed"', None)]


async def test_news_goes_out_before_corrections(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(2, content=BODY), atom_entry(1)))
    line.web.serve(PAGE_URL, CORRECTED)
    outcome = await poll_after(line, 2)
    assert [article.guid for article in line.articles] == ["tag:1", "tag:2", "tag:1"]
    revisions = [article.revision for article in line.articles]
    assert revisions == sorted(set(revisions))
    assert (outcome.published, outcome.known) == (2, 0)


async def test_what_is_too_much_for_one_poll_is_left_for_the_next(line: Line) -> None:
    numbers = range(1, REVISIT_LIMIT + 4)
    line.web.serve(FEED_URL, atom(*map(atom_entry, numbers)))
    for number in numbers:
        line.web.serve(f"https://courier.example/news/{number}", html_page(f"Bridge {number}"))
    await poll_after(line, 0)
    await poll_after(line, 3)
    first = asked(line)[1:]
    await poll_after(line, 0)
    second = asked(line)[1:]
    assert (len(first), len(second)) == (REVISIT_LIMIT, 3)
    assert not set(first) & set(second)


async def test_a_page_in_two_feeds_is_visited_once(line: Line) -> None:
    other = a_subscription(id="other", url="https://courier.example/other.xml")
    line.web.serve(other.url, atom(atom_entry(1)))
    await line.poll(other)
    await poll_after(line, 2)
    assert asked(line) == [FEED_URL, PAGE_URL]
    line.web.asked.clear()
    await line.poll(other)
    assert asked(line) == [other.url]
    assert line.states.states["other"].next_revisit_at == line.state.next_revisit_at


async def test_revisits_can_be_switched_off() -> None:
    line = Line()
    line.poller = line.new_poller(feed_settings(host_delay_seconds=0, revisit_hours=()))
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.serve(PAGE_URL, html_page())
    await line.poll()
    assert line.state.seen["tag:1"].page is None
    await poll_after(line, 90)
    assert asked(line) == [FEED_URL]


async def test_visits_that_were_planned_before_they_were_switched_off_are_forgotten(
    line: Line,
) -> None:
    never = a_subscription(revisit_hours=())
    line.clock.now += DAY
    line.web.asked.clear()
    await line.poll(never)
    assert asked(line) == [FEED_URL]
    assert line.state.next_revisit_at is None


async def test_robots_txt_is_asked_before_each_visit(line: Line) -> None:
    line.robots.forbidden.add(PAGE_URL)
    await poll_after(line, 2)
    assert asked(line) == [FEED_URL]
    assert line.letters == []


async def test_a_correction_that_was_not_delivered_is_looked_for_again(line: Line) -> None:
    line.web.serve(PAGE_URL, CORRECTED)
    line.kafka.raise_on_publish(ServiceUnavailable("gone"))
    with pytest.raises(ServiceUnavailable):
        await poll_after(line, 2)
    line.kafka = FakePublisher()
    line.restart()
    assert (await poll_after(line, 1)).published == 1


async def test_visits_are_counted_by_what_became_of_them(line: Line) -> None:
    def counts() -> list[float]:
        outcomes = ("changed", "unchanged", "failed")
        return [counted("news_revisits", outcome=each) for each in outcomes]

    before = counts()
    line.web.serve(PAGE_URL, CORRECTED)
    await poll_after(line, 2)
    line.web.fail(PAGE_URL, FetchFailed("status 404", permanent=True))
    await poll_after(line, 24)
    assert [after - b for after, b in zip(counts(), before, strict=True)] == [1, 0, 1]
