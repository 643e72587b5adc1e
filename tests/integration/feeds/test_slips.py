"""How late polls begin, beside a host whose feeds and pages take long and without it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from statistics import mean, quantiles

from pipeline.records import FeedState
from pipeline.settings import Settings
from tests.fakes.feeds import atom, atom_entry, feed_settings, html_page
from tests.fakes.slow_sites import Answer, Sites, body, drip, serving
from tests.integration.feeds.consuming import consuming, now
from tests.integration.feeds.test_nobody_starves import linking_to, subscription

INTERVAL = 10.0
SECONDS = 14.0
GOOD_FEEDS = 1_000
GOOD = [f"127.0.0.{number}" for number in range(10, 60)]
BAD = "127.0.0.2"
SETTINGS = feed_settings(timeout_seconds=5, host_delay_seconds=0)
UNCHANGED = body(atom(atom_entry(1)), etag='"1"')


def good_state(number: int, url: str) -> FeedState:
    """Polled before, and due at a moment of its own within the interval."""
    due = now() + timedelta(seconds=1 + INTERVAL * number / GOOD_FEEDS)
    return FeedState(
        feed_id=f"good-{number}",
        url=url,
        polled_at=due - timedelta(seconds=INTERVAL),
        full_fetch_at=due,
        etag='"1"',
        next_poll_at=due,
    )


def bad_feed(sites: Sites, number: int) -> Answer:
    """In turn: a feed that drips, and feeds whose pages drip or answer late and are always new."""
    if number % 3 == 0:
        return drip(atom(atom_entry(number)))
    for entry in range(40):
        page = drip(html_page()) if number % 3 == 1 else body(html_page(), after=2)
        sites.put(BAD, f"/news/{number * 1_000 + entry}", page)
    return body(linking_to(sites, BAD, number))


async def slips(settings: Settings, bad_feeds: int) -> list[float]:
    """Seconds that each poll of the good feeds began after it was due."""
    async with serving(BAD, *GOOD) as sites:
        urls = [
            sites.put(GOOD[number % len(GOOD)], f"/{number}.xml", UNCHANGED)
            for number in range(GOOD_FEEDS)
        ]
        bad_urls = [
            sites.put(BAD, f"/{number}.xml", bad_feed(sites, number)) for number in range(bad_feeds)
        ]
        feeds = [
            *(subscription(f"bad-{number}", url, 1.0) for number, url in enumerate(bad_urls)),
            *(subscription(f"good-{number}", url, INTERVAL) for number, url in enumerate(urls)),
        ]
        states = [good_state(number, url) for number, url in enumerate(urls)]
        async with consuming(settings, feeds, states=states) as polls:
            await asyncio.sleep(SECONDS)
        found = [polls.slips.get(f"good-{number}") for number in range(GOOD_FEEDS)]
        assert all(found), "every good feed was polled"
        return [slip for each in found if each for slip in each]


async def test_a_slow_host_makes_no_poll_of_another_slip_by_a_tenth_of_its_interval() -> None:
    without = await slips(SETTINGS, 0)
    beside = await slips(SETTINGS, 100)
    late = [quantiles(each, n=100)[-1] for each in (without, beside)]
    assert late[1] < late[0] + INTERVAL / 10, f"mean slips of {mean(without)} and {mean(beside)} s"
