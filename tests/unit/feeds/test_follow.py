import asyncio
import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.feeds.decide import GONE_LIMIT
from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.follow import newest_sitemaps
from pipeline.feeds.parsed import Sitemap
from pipeline.feeds.sitemap_changes import MOST_SEEN, RELIED_ON_FOR
from pipeline.records import SeenEntry
from tests.fakes.feeds import FEED_URL, MORNING, feed_settings, html_page
from tests.unit.feeds.test_poll import Line

SITE = "https://courier.example"
HOUR = timedelta(hours=1)
EVERYTHING = feed_settings(first_poll_max_age_days=0, host_delay_seconds=0)


def sitemap(name: str, day: int | None = None) -> Sitemap:
    updated = datetime(2026, 3, day, tzinfo=UTC) if day else None
    return Sitemap(url=f"{SITE}/{name}.xml", updated=updated)


def index(*names: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{SITE}/{name}.xml</loc></sitemap>" for name in names)
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def dated_index(**updated: datetime) -> bytes:
    rows = "".join(
        f"<sitemap><loc>{SITE}/{name}.xml</loc><lastmod>{time.isoformat()}</lastmod></sitemap>"
        for name, time in updated.items()
    )
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def dated_urlset(updated: dict[int, datetime]) -> bytes:
    rows = "".join(
        f"<url><loc>{SITE}/news/{number}</loc><lastmod>{time.isoformat()}</lastmod></url>"
        for number, time in updated.items()
    )
    return f"<urlset>{rows}</urlset>".encode()


def asked_for(line: Line, name: str) -> int:
    return sum(url == f"{SITE}/{name}.xml" for url, _, _ in line.web.asked)


def urlset(*numbers: int) -> bytes:
    rows = "".join(f"<url><loc>{SITE}/news/{number}</loc></url>" for number in numbers)
    return f"<urlset>{rows}</urlset>".encode()


@pytest.fixture
def line() -> Line:
    line = Line()
    for number in range(1, 5):
        line.web.serve(f"{SITE}/news/{number}", html_page(f"Bridge {number}"))
    return line


@pytest.mark.parametrize(
    ("listed", "chosen"),
    [
        ((sitemap("a", 1), sitemap("b", 3), sitemap("c", 2)), ["b", "c"]),
        ((sitemap("a"), sitemap("b", 3), sitemap("c")), ["b", "a"]),
        ((sitemap("a"), sitemap("b"), sitemap("news-c")), ["news-c", "a"]),
        ((sitemap("a", 1), sitemap("a", 1)), ["a"]),
        ((), []),
    ],
)
def test_the_sitemaps_that_changed_last_are_followed(
    listed: tuple[Sitemap, ...], chosen: list[str]
) -> None:
    names = [each.url.removeprefix(f"{SITE}/") for each in newest_sitemaps(listed, 2)]
    assert names == [f"{name}.xml" for name in chosen]


async def test_an_index_is_polled_with_its_sitemaps(line: Line) -> None:
    line.web.serve(FEED_URL, index("one", "two"))
    line.web.serve(f"{SITE}/one.xml", urlset(1, 2))
    line.web.serve(f"{SITE}/two.xml", gzip.compress(urlset(2, 3)))
    assert (await line.poll()).published == 3
    line.web.serve(f"{SITE}/two.xml", urlset(2, 3, 4))
    outcome = await line.poll()  # the index says nothing new
    assert (outcome.published, outcome.known) == (1, 3)


async def test_a_sitemap_that_cannot_be_had_costs_only_itself(line: Line) -> None:
    line.web.serve(FEED_URL, index("gone", "one"))
    line.web.serve(f"{SITE}/one.xml", urlset(1))
    assert (await line.poll()).published == 1


async def test_an_index_of_which_nothing_can_be_had_has_failed(line: Line) -> None:
    line.web.serve(FEED_URL, index("one"))
    line.web.fail(f"{SITE}/one.xml", FetchFailed("status 503", permanent=False))
    outcome = await line.poll()
    assert (outcome.outcome, outcome.state.error) == ("failed", "status 503")


async def test_few_sitemaps_of_a_long_index_are_asked_for(line: Line) -> None:
    line.web.serve(FEED_URL, index(*(f"s{number}" for number in range(50))))
    line.web.serve(f"{SITE}/s0.xml", urlset(1))
    await line.poll()
    asked = [url for url, _, _ in line.web.asked if url.endswith(".xml")]
    assert len(asked) == 1 + 3


async def test_a_sitemap_that_has_not_changed_by_its_index_is_not_read_again(line: Line) -> None:
    old, new = MORNING - 5 * HOUR, MORNING
    line.web.serve(FEED_URL, dated_index(old=old, new=new))
    line.web.serve(f"{SITE}/old.xml", dated_urlset({1: old}))
    line.web.serve(f"{SITE}/new.xml", dated_urlset({2: new}))
    assert (await line.poll()).published == 2
    line.web.serve(FEED_URL, dated_index(old=old, new=new + HOUR / 6))
    line.web.serve(f"{SITE}/new.xml", dated_urlset({2: new, 3: new + HOUR / 6}))
    outcome = await line.poll()
    assert (outcome.published, outcome.known) == (1, 1)
    assert (asked_for(line, "old"), asked_for(line, "new")) == (1, 2)
    assert len(line.state.seen) == 3


async def test_an_index_whose_sitemaps_did_not_change_is_unchanged(line: Line) -> None:
    old = MORNING - 5 * HOUR
    line.web.serve(FEED_URL, dated_index(old=old))
    line.web.serve(f"{SITE}/old.xml", dated_urlset({1: old}))
    await line.poll()
    outcome = await line.poll()
    assert (outcome.outcome, asked_for(line, "old")) == ("unchanged", 1)
    assert len(outcome.state.seen) == 1


@pytest.mark.parametrize(
    ("updated", "newest"),
    [
        (MORNING - 24 * HOUR, MORNING - 2 * HOUR),  # the index knows nothing of the newest entry
        (MORNING - HOUR / 6, MORNING - HOUR / 6),  # what changed since may be on its way
        (
            datetime(2026, 2, 28, tzinfo=UTC),
            MORNING - 31.5 * HOUR,
        ),  # the day says little of the hour
    ],
)
async def test_an_index_is_not_relied_on_before_it_has_earned_it(
    line: Line, updated: datetime, newest: datetime
) -> None:
    line.web.serve(FEED_URL, dated_index(one=updated))
    line.web.serve(f"{SITE}/one.xml", dated_urlset({1: newest}))
    await line.poll()
    line.web.serve(f"{SITE}/one.xml", dated_urlset({1: newest, 2: MORNING}))
    assert (await line.poll()).published == 1


async def test_an_index_is_relied_on_for_a_day_at_most(line: Line) -> None:
    old = MORNING - 5 * HOUR
    line.web.serve(FEED_URL, dated_index(old=old))
    line.web.serve(f"{SITE}/old.xml", dated_urlset({1: old}))
    await line.poll()
    line.web.serve(f"{SITE}/old.xml", dated_urlset({1: old, 2: MORNING}))
    line.clock.now += RELIED_ON_FOR
    assert (await line.poll()).published == 1


async def test_a_sitemap_is_asked_for_with_its_validators(line: Line) -> None:
    line.web.serve(FEED_URL, index("one", "two"))
    line.web.serve(f"{SITE}/one.xml", urlset(1), etag='"1"', last_modified="then")
    line.web.serve(f"{SITE}/two.xml", urlset(2))
    await line.poll()
    line.web.not_modified(f"{SITE}/one.xml")
    line.web.serve(f"{SITE}/two.xml", urlset(2, 3))
    outcome = await line.poll()
    assert (f"{SITE}/one.xml", '"1"', "then") in line.web.asked
    assert (outcome.published, outcome.known, len(line.state.seen)) == (1, 1, 3)


async def test_sitemaps_with_pages_still_to_come_are_read_whole(line: Line) -> None:
    line.web.serve(FEED_URL, index("one"))
    line.web.serve(f"{SITE}/one.xml", urlset(1, 2), etag='"1"')
    line.web.fail(f"{SITE}/news/2", FetchFailed("status 503", permanent=False))
    assert (await line.poll()).postponed == 1
    line.web.serve(f"{SITE}/news/2", html_page("Bridge 2"))
    assert (await line.poll()).published == 1
    assert line.web.asked[-2] == (f"{SITE}/one.xml", None, None)


async def test_entries_of_a_sitemap_that_fails_are_not_forgotten(line: Line) -> None:
    many = range(10, 1_000)
    line.poller = line.new_poller(EVERYTHING)
    line.web.serve(FEED_URL, index("many", "one"))
    line.web.serve(f"{SITE}/many.xml", urlset(*many))
    line.web.serve(f"{SITE}/one.xml", urlset(1))
    await line.poll()
    line.web.fail(f"{SITE}/many.xml", FetchFailed("status 503", permanent=False))
    await line.poll()
    line.web.serve(f"{SITE}/many.xml", urlset(*many))
    outcome = await line.poll()
    assert (outcome.known, outcome.rejected) == (len(many) + 1, 0)


def remember_many(line: Line) -> None:
    seen = next(iter(line.state.seen.values()))
    gone: dict[str, SeenEntry] = {f"gone-{number}": seen for number in range(MOST_SEEN)}
    line.states.states["courier"] = replace(line.state, seen={**gone, **line.state.seen})


async def test_all_sitemaps_are_read_before_too_much_is_remembered(line: Line) -> None:
    line.web.serve(FEED_URL, index("one"))
    line.web.serve(f"{SITE}/one.xml", urlset(1), etag='"1"')
    await line.poll()
    remember_many(line)
    await line.poll()
    assert line.web.asked[-1] == (f"{SITE}/one.xml", None, None)
    assert len(line.state.seen) < 1_000


@pytest.mark.parametrize("was_there", [True, False])
async def test_a_sitemap_that_fails_for_ever_does_not_make_the_memory_grow(
    line: Line, was_there: bool
) -> None:
    line.web.serve(FEED_URL, index("one", "gone"))
    line.web.serve(f"{SITE}/one.xml", urlset(1))
    if was_there:
        line.web.serve(f"{SITE}/gone.xml", urlset(2))
    await line.poll()
    line.web.fail(f"{SITE}/gone.xml", FetchFailed("status 404", permanent=True))
    remember_many(line)
    await line.poll()
    assert len(line.state.seen) < 1_000


async def test_a_sitemap_that_was_never_had_keeps_nothing_in_memory(line: Line) -> None:
    many = range(10, 1_000)
    line.poller = line.new_poller(EVERYTHING)
    line.web.serve(FEED_URL, index("one", "gone"))
    line.web.serve(f"{SITE}/one.xml", urlset(1, *many))
    await line.poll()
    line.web.serve(f"{SITE}/one.xml", urlset(1))
    await line.poll()
    assert len(line.state.seen) == 1 + GONE_LIMIT


async def test_the_past_in_a_sitemap_that_turns_up_is_passed_over(line: Line) -> None:
    past, now = datetime(2019, 1, 1, tzinfo=UTC), MORNING
    line.web.serve(FEED_URL, dated_index(now=now))
    line.web.serve(f"{SITE}/now.xml", dated_urlset({1: now}))
    await line.poll()
    line.web.serve(FEED_URL, dated_index(now=now, past=now))
    line.web.serve(f"{SITE}/past.xml", dated_urlset({2: past, 3: now}))
    outcome = await line.poll()
    assert (outcome.published, outcome.passed_over) == (1, 1)
    outcome = await line.poll()
    assert (outcome.published, outcome.passed_over) == (0, 0)


async def test_a_page_in_a_sitemap_that_did_not_change_is_visited_again(line: Line) -> None:
    line.web.serve(FEED_URL, dated_index(one=MORNING - 3 * HOUR))
    line.web.serve(f"{SITE}/one.xml", dated_urlset({1: MORNING - 3 * HOUR}))
    await line.poll()
    line.web.serve(f"{SITE}/news/1", html_page("Bridge stays open"))
    line.clock.now += 3 * HOUR
    outcome = await line.poll()
    assert outcome.published == 1
    assert [article.title for article in line.articles][1:] == ["Bridge stays open"]


steps = st.tuples(
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(["news", "nothing", "failure", "removal"]),
    st.integers(1, 3 * 24 * 4),  # quarters of an hour until the poll
)


@given(st.lists(steps, max_size=12), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_whatever_an_honest_index_does_each_page_is_fetched_once(
    story: list[tuple[str, str, int]], validators: bool, days: bool
) -> None:
    fetched = asyncio.run(_told(story, validators=validators, days=days))
    assert set(fetched.values()) <= {1}
    assert fetched.keys() == set(range(3 + sum(what == "news" for _, what, _ in story)))


async def _told(story: list[tuple[str, str, int]], *, validators: bool, days: bool) -> Counter[int]:
    """How often each page was asked for, of an index with three sitemaps to which this happens."""
    line, pages = Line(), 3
    line.poller = line.new_poller(
        feed_settings(first_poll_max_age_days=0, host_delay_seconds=0, revisit_hours=())
    )
    updated = dict.fromkeys(("one", "two", "three"), MORNING)
    maps = {name: {number: MORNING} for number, name in enumerate(updated)}

    def serve(failing: str = "") -> None:
        shown = {
            name: time.replace(hour=0, minute=0, second=0, microsecond=0) if days else time
            for name, time in updated.items()
        }
        line.web.serve(FEED_URL, dated_index(**shown))
        for name, entries in maps.items():
            etag = f'"{hash((name, *entries))}"'
            known = line.states.states.get("courier")
            before = known.sitemaps.get(f"{SITE}/{name}.xml") if known else None
            if name == failing:
                line.web.fail(f"{SITE}/{name}.xml", FetchFailed("503", permanent=False))
            elif before and validators and before.etag == etag:
                line.web.not_modified(f"{SITE}/{name}.xml")
            else:
                headers = {"etag": etag} if validators else {}
                line.web.serve(f"{SITE}/{name}.xml", dated_urlset(entries), **headers)

    serve()
    await line.poll()
    for name, what, quarters in [*story, ("one", "nothing", 400)]:
        line.clock.now += quarters * HOUR / 4
        if what == "news":
            updated[name] = line.clock.now
            maps[name][pages] = line.clock.now
            line.web.serve(f"{SITE}/news/{pages}", html_page(f"Bridge {pages}"))
            pages += 1
        elif what == "removal" and len(maps[name]) > 1:
            updated[name] = line.clock.now
            del maps[name][next(iter(maps[name]))]
        serve(failing=name if what == "failure" else "")
        await line.poll()
    asked = (url for url, _, _ in line.web.asked if "/news/" in url)
    return Counter(int(url.rpartition("/")[2]) for url in asked)
