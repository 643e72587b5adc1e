"""Slow hosts and costly feeds beside good ones, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from yarl import URL

from pipeline.feeds.parsed import Page
from pipeline.feeds.parser_pool import ParserPool
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import Reason
from tests.fakes.feeds import BODY, a_page, atom, atom_entry, feed_settings, html_page
from tests.fakes.slow_sites import Sites, body, drip, moved, serving
from tests.integration.feeds.consuming import Polls, consuming
from tests.stacks import updated

GOOD, BAD = "127.0.0.1", "127.0.0.2"
OTHERS = [f"127.0.0.{number}" for number in range(3, 23)]
SECONDS = 30
SETTINGS = feed_settings(timeout_seconds=4, host_delay_seconds=0)
FEED = atom(*(atom_entry(number) for number in range(40)))
FULL_TEXTS = atom(atom_entry(1, content=BODY))
ROBOTS = body(b"User-agent: *\nAllow: /\n")


def subscription(name: str, url: str, seconds: float = 1.0) -> Subscription:
    return Subscription(
        id=name,
        url=url,
        name=name,
        poll_interval_seconds=seconds,
        first_poll_max_age_days=0,
        allow_private_addresses=True,
    )


def good_feeds(sites: Sites, count: int = 10) -> list[Subscription]:
    """Feeds with one entry of its own page each."""
    sites.put(GOOD, "/robots.txt", ROBOTS)
    feeds = []
    for number in range(count):
        entry = atom_entry(number).replace("/news/", sites.url(GOOD, "/news/"))
        url = sites.put(GOOD, f"/good-{number}.xml", body(atom(entry), etag=f'"{number}"'))
        sites.put(GOOD, f"/news/{number}", body(html_page(body=f"{BODY}<p>{number}</p>")))
        feeds.append(subscription(f"good-{number}", url))
    return feeds


def linking_to(sites: Sites, host: str, number: int, count: int = 40) -> bytes:
    """A feed of ``count`` entries with pages of a host, which no other feed links to."""
    return atom(
        *(
            atom_entry(number * 1_000 + entry).replace("/news/", sites.url(host, "/news/"))
            for entry in range(count)
        )
    )


async def assert_good_feeds_go_on(
    bad: Iterable[Subscription], good: list[Subscription], **options: Any
) -> Polls:
    """Each good feed is polled four times, though all bad ones are due before it. All of these
    once, 16 at a time, take over ``SECONDS``."""
    async with consuming(SETTINGS, [*bad, *good], **options) as polls:
        await polls.until((each.id for each in good), 4, seconds=SECONDS)
        assert all(polls.of(each.id)[0].published == 1 for each in good)
        return polls


async def test_pages_of_a_host_that_drip_keep_no_other_feed_from_being_polled() -> None:
    async with serving(GOOD, BAD) as sites:
        bad = []
        for number in range(17):
            feed = linking_to(sites, BAD, number)
            bad.append(subscription(f"bad-{number}", sites.put(BAD, f"/{number}.xml", body(feed))))
            for entry in range(40):
                sites.put(BAD, f"/news/{number * 1_000 + entry}", drip(html_page()))
        await assert_good_feeds_go_on(bad, good_feeds(sites))


async def test_feeds_that_drip_themselves_keep_no_other_from_being_polled() -> None:
    async with serving(GOOD, BAD) as sites:
        urls = [sites.put(BAD, f"/{number}.xml", drip(FEED)) for number in range(1_000)]
        bad = [subscription(f"bad-{number}", url) for number, url in enumerate(urls)]
        await assert_good_feeds_go_on(bad, good_feeds(sites))


async def test_feeds_of_many_hosts_that_lead_to_a_slow_one_keep_half_of_the_slots_free() -> None:
    async with serving(GOOD, BAD, *OTHERS) as sites:
        target = sites.put(BAD, "/feed.xml", drip(FEED))
        bad = [
            subscription(f"bad-{host}", sites.put(host, "/feed.xml", moved(target)))
            for host in OTHERS
        ]
        good = good_feeds(sites)
        one_network = updated(SETTINGS, {"feeds": {"private_hosts": (URL(target).authority,)}})
        async with consuming(one_network, [*bad, *good]) as polls:
            # Nobody knows them yet: they may hold all slots for the time of one request.
            await polls.until((each.id for each in good), 5, seconds=SECONDS)


async def test_many_hosts_that_answer_slowly_leave_half_of_the_slots_to_others() -> None:
    async with serving(GOOD, *OTHERS) as sites:
        bad = []
        for number in range(60):
            host = OTHERS[number % len(OTHERS)]
            url = sites.put(host, f"/{number}.xml", body(FULL_TEXTS, after=3))
            bad.append(subscription(f"bad-{number}", url))
        good = good_feeds(sites)
        async with consuming(SETTINGS, [*bad, *good]) as polls:
            await polls.until((each.id for each in bad), 1, seconds=60)
            before = min(len(polls.of(each.id)) for each in good)
            await polls.until((each.id for each in good), before + 4, seconds=20)


async def test_sitemaps_of_a_host_that_drip_keep_no_other_feed_from_being_polled() -> None:
    async with serving(GOOD, BAD) as sites:
        maps = [sites.put(BAD, f"/map-{number}.xml", drip(b"<urlset/>")) for number in range(3)]
        rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in maps)
        index = body(f"<sitemapindex>{rows}</sitemapindex>".encode())
        urls = [sites.put(BAD, f"/index-{number}.xml", index) for number in range(200)]
        bad = [subscription(f"bad-{number}", url) for number, url in enumerate(urls)]
        await assert_good_feeds_go_on(bad, good_feeds(sites))


async def test_a_robots_txt_that_drips_keeps_no_other_feed_from_being_polled() -> None:
    async with serving(GOOD, BAD) as sites:
        sites.put(BAD, "/robots.txt", drip(b"User-agent: *"))
        bad = [
            subscription(
                f"bad-{number}",
                sites.put(BAD, f"/{number}.xml", body(linking_to(sites, BAD, number))),
            )
            for number in range(17)
        ]
        await assert_good_feeds_go_on(bad, good_feeds(sites))


def take_long(**_: Any) -> Page:
    time.sleep(600)
    return a_page()


class CostlyPages(ParserPool):
    """The real parsers, whose extractor meets its limit at pages that say so."""

    async def page(self, data: bytes, *, url: str | None, content_type: str | None) -> Page:
        if b"COSTLY" in data:
            future = self.submit(Reason.NOT_AN_ARTICLE, take_long, {})
            return await asyncio.wrap_future(future)
        return await super().page(data, url=url, content_type=content_type)


async def test_pages_that_take_the_extractor_to_its_limit_stop_no_other_feeds_pages() -> None:
    async with serving(GOOD, BAD) as sites:
        costly = html_page(body=f"{BODY}<p>COSTLY</p>")
        sites.put(BAD, "/robots.txt", ROBOTS)
        for entry in range(40):
            sites.put(BAD, f"/news/{entry}", body(costly))
        feed = linking_to(sites, BAD, 0)
        bad = subscription("bad", sites.put(BAD, "/feed.xml", body(feed)))
        good = good_feeds(sites)
        pool = CostlyPages(processes=2, timeout_seconds=3, min_article_chars=250)
        async with pool as parsers:
            for _ in range(2):  # both processes are there
                await parsers.page(html_page(), url=bad.url, content_type=None)
            async with consuming(SETTINGS, [bad, *good], parsers=parsers) as polls:
                await polls.until((each.id for each in good), 2, seconds=SECONDS)
            assert all(polls.of(each.id)[0].published == 1 for each in good)
            assert polls.of("bad") == []
