"""When the page of a known article is looked at again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.decide import Version, versions
from pipeline.feeds.revisits import (
    GATHERED_FOR,
    REVISIT_LIMIT,
    Ages,
    ages_of,
    caught_up,
    choose,
    is_any_due,
    is_due,
    next_revisit,
    visited,
)
from pipeline.records import FeedState, SeenEntry, SeenPage
from tests.fakes.feeds import FEED_URL, MORNING, a_subscription, an_entry, feed_settings

HOUR = timedelta(hours=1)
AGES = (2 * HOUR, 24 * HOUR)
spans = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=30))
ages_in_order = st.lists(spans, unique=True, max_size=5).map(lambda found: tuple(sorted(found)))


def seen(
    page: SeenPage | None = None, *, article: str = "a", first_seen_at: datetime = MORNING
) -> SeenEntry:
    return SeenEntry(
        article_id=article * 32, entry_sha256="b" * 64, first_seen_at=first_seen_at, page=page
    )


def standing(*numbers: int) -> list[Version]:
    return versions(tuple(an_entry(number) for number in numbers))


def visits(ages: Ages, waits: list[timedelta]) -> list[timedelta]:
    """The ages at which an article is visited, with polls so long after one another."""
    entry, now, made = seen(visited(SeenPage(), ages, MORNING, MORNING)), MORNING, []
    for wait in waits:
        now += wait
        if is_due(entry, ages, now):
            made.append(now - MORNING)
            assert entry.page is not None
            entry = seen(visited(entry.page, ages, MORNING, now))
    return made


@given(ages_in_order, st.lists(spans, max_size=30))
def test_there_are_never_more_visits_than_ages_and_none_before_its_age(
    ages: Ages, waits: list[timedelta]
) -> None:
    made = visits(ages, waits)
    assert len(made) <= len(ages)
    assert all(age <= at for age, at in zip(ages, made, strict=False))


@given(ages_in_order)
def test_with_polls_often_enough_each_age_has_its_visit(ages: Ages) -> None:
    waits = [after - before for before, after in zip((timedelta(0), *ages), ages, strict=False)]
    assert visits(ages, waits) == list(ages)


def test_visits_that_were_missed_become_one() -> None:
    assert visits(AGES, [HOUR, 29 * HOUR, HOUR, 90 * HOUR]) == [30 * HOUR]


def test_what_came_from_the_feed_itself_is_never_due() -> None:
    assert not is_due(seen(), AGES, MORNING + 90 * HOUR)


def test_after_the_last_visit_only_their_number_is_kept() -> None:
    page = SeenPage(etag='"1"', title_hash="c" * 16, chars=900)
    assert visited(page, AGES, MORNING, MORNING + 2 * HOUR) == SeenPage(
        revisits=1, etag='"1"', title_hash="c" * 16, chars=900
    )
    assert visited(page, AGES, MORNING, MORNING + 24 * HOUR) == SeenPage(revisits=2)
    assert visited(page, (), MORNING, MORNING) is None


def test_a_feed_may_have_ages_of_its_own_and_may_have_none() -> None:
    settings = feed_settings().feeds
    assert ages_of(a_subscription(), settings) == AGES
    assert ages_of(a_subscription(revisit_hours=(6.0, 0.5, 6.0)), settings) == (HOUR / 2, 6 * HOUR)
    assert ages_of(a_subscription(revisit_hours=()), settings) == ()


def test_the_newest_articles_are_visited_first_and_no_more_than_there_is_time_for() -> None:
    numbers = range(1, REVISIT_LIMIT + 4)
    known = {
        f"tag:{n}": SeenEntry(
            article_id=f"{n:032x}",
            entry_sha256="b" * 64,
            first_seen_at=MORNING + timedelta(minutes=n),
            page=SeenPage(),
        )
        for n in numbers
    }
    chosen = choose(standing(*numbers), known, AGES, MORNING + 3 * HOUR)
    assert [each.version.key for each in chosen] == [
        f"tag:{n}" for n in sorted(numbers, reverse=True)[:REVISIT_LIMIT]
    ]


def test_an_article_with_two_entries_is_visited_once_by_the_newest() -> None:
    known = {"tag:1": seen(SeenPage()), "tag:2": seen(SeenPage())}
    (revisit,) = choose(standing(1, 2), known, AGES, MORNING + 2 * HOUR)
    assert revisit.version.key == "tag:2"


def test_a_visit_made_through_another_feed_counts() -> None:
    now = MORNING + 2 * HOUR
    known = {"tag:1": seen(SeenPage()), "tag:2": seen(SeenPage(), article="d")}
    latest = {"a" * 32: seen(SeenPage(revisits=1)), "d" * 32: seen(None, article="d")}
    caught = caught_up(known, latest, AGES, now)
    assert caught == known | {"tag:1": seen(SeenPage(revisits=1))}
    assert not is_due(caught["tag:1"], AGES, now)
    assert is_due(caught["tag:2"], AGES, now)


def test_the_next_visit_is_at_the_next_age_of_any_entry_that_stands_in_the_feed() -> None:
    later = MORNING + 5 * HOUR
    current = [
        seen(),
        seen(SeenPage(revisits=1)),
        seen(SeenPage(), first_seen_at=later),
        seen(SeenPage(revisits=2)),
    ]
    assert next_revisit(current, AGES, later) == later + 2 * HOUR
    assert next_revisit(current[:2], AGES, later) == MORNING + 24 * HOUR
    assert next_revisit([seen(), seen(SeenPage(revisits=2))], AGES, later) is None
    assert next_revisit(current, (), later) is None


def test_visits_are_gathered_but_for_what_was_left_over() -> None:
    before = MORNING + 2 * HOUR - timedelta(minutes=1)
    assert next_revisit([seen(SeenPage())], AGES, before) == before + GATHERED_FOR
    after = MORNING + 3 * HOUR
    assert next_revisit([seen(SeenPage())], AGES, after) == MORNING + 2 * HOUR


def test_a_poll_knows_by_one_time_whether_visits_are_due() -> None:
    def state(next_revisit_at: datetime | None) -> FeedState:
        return FeedState(
            feed_id="courier", url=FEED_URL, polled_at=MORNING, next_revisit_at=next_revisit_at
        )

    assert not is_any_due(state(None))
    assert not is_any_due(state(MORNING + HOUR))
    assert is_any_due(state(MORNING))
