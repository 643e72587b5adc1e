import gzip
from datetime import UTC, datetime

import pytest

from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.follow import newest_sitemaps
from pipeline.feeds.parsed import Sitemap
from tests.fakes.feeds import FEED_URL, html_page
from tests.unit.feeds.test_consumer import Line

SITE = "https://courier.example"


def sitemap(name: str, day: int | None = None) -> Sitemap:
    updated = datetime(2026, 3, day, tzinfo=UTC) if day else None
    return Sitemap(url=f"{SITE}/{name}.xml", updated=updated)


def index(*names: str) -> bytes:
    rows = "".join(f"<sitemap><loc>{SITE}/{name}.xml</loc></sitemap>" for name in names)
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


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
