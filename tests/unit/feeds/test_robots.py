"""What the owners of a site ask of robots, and how soon a host is asked again."""

import asyncio
import gc
import time
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Rejected
from pipeline.feeds.fetch import FetchFailed, TooLarge
from pipeline.feeds.parser_pool import ParserPool
from pipeline.feeds.politeness import HostGate
from pipeline.feeds.robots import (
    KEPT_FOR,
    MAX_BYTES,
    RETRY_AFTER,
    SHORT,
    Judge,
    RobotsCache,
    agent_name,
)
from pipeline.feeds.robots_rules import Verdict
from pipeline.feeds.turns import Name
from pipeline.records import Reason
from tests.fakes.feeds import DirectParsers, FakeFetcher
from tests.memory import resident

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = "https://courier.example"
ROBOTS = f"{SITE}/robots.txt"
aside = DirectParsers().robots


@pytest.fixture
def web() -> FakeFetcher:
    return FakeFetcher()


@pytest.fixture
def robots(web: FakeFetcher) -> RobotsCache:
    return RobotsCache(web, "news-pipeline")


async def ask(
    robots: RobotsCache, path: str = "/news/1", at: datetime = NOON, read: Judge = aside
) -> Verdict:
    return await robots.ask(SITE + path, at, allow_private=False, read=read)


async def test_rules_for_our_name_come_before_those_for_all(
    web: FakeFetcher, robots: RobotsCache
) -> None:
    web.serve(ROBOTS, b"User-agent: *\nDisallow: /\n\nUser-agent: news-pipeline\nDisallow: /intern")
    assert (await ask(robots)).allowed is True
    assert (await ask(robots, "/intern/1")).allowed is False


async def test_a_site_is_asked_once_a_day(web: FakeFetcher, robots: RobotsCache) -> None:
    web.serve(ROBOTS, b"User-agent: *\nDisallow: /news")
    answers = await asyncio.gather(*(ask(robots, f"/news/{n}") for n in range(5)))
    assert {answer.allowed for answer in answers} == {False}
    assert len(web.asked) == 1
    web.serve(ROBOTS, b"")
    assert (await ask(robots, at=NOON + KEPT_FOR)).allowed is True


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (410, True), (429, None)]
)
async def test_without_a_robots_txt_all_is_allowed(
    web: FakeFetcher, robots: RobotsCache, status: int, allowed: bool | None
) -> None:
    web.fail(ROBOTS, FetchFailed(f"status {status}", permanent=True, status=status))
    assert (await ask(robots)).allowed is allowed


async def test_a_site_that_cannot_be_asked_is_left_alone_for_a_while(
    web: FakeFetcher, robots: RobotsCache
) -> None:
    web.fail(ROBOTS, FetchFailed("status 503", permanent=False, status=503))
    assert (await ask(robots)).allowed is None
    web.serve(ROBOTS, b"")
    assert (await ask(robots)).allowed is None
    assert (await ask(robots, at=NOON + RETRY_AFTER)).allowed is True


async def test_yesterdays_rules_hold_while_todays_cannot_be_had(
    web: FakeFetcher, robots: RobotsCache
) -> None:
    web.serve(ROBOTS, b"User-agent: *\nDisallow: /news")
    await ask(robots)
    web.fail(ROBOTS, FetchFailed("status 503", permanent=False, status=503))
    assert (await ask(robots, at=NOON + KEPT_FOR)).allowed is False


async def test_a_crawl_delay_is_told_and_an_endless_one_means_no(
    web: FakeFetcher, robots: RobotsCache
) -> None:
    web.serve(ROBOTS, b"User-agent: *\nCrawl-delay: 7")
    assert await ask(robots) == Verdict(allowed=True, delay=timedelta(seconds=7))
    web.serve(ROBOTS, b"User-agent: *\nCrawl-delay: 86400")
    assert (await ask(robots, at=NOON + KEPT_FOR)).allowed is False


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"\x00" * 1000, b"<html>", b"\xef\xbb\xbf"])
async def test_what_is_no_robots_txt_allows_all(
    web: FakeFetcher, robots: RobotsCache, body: bytes
) -> None:
    web.serve(ROBOTS, body)
    assert (await ask(robots)).allowed is True


async def test_of_one_without_end_the_beginning_holds(
    web: FakeFetcher, robots: RobotsCache
) -> None:
    web.fail(ROBOTS, TooLarge(b"User-agent: *\nDisallow: /intern\nDisallow: /"))
    assert (await ask(robots, "/intern/1")).allowed is False
    assert (await ask(robots)).allowed is True


def test_robots_txt_knows_us_by_the_product_in_our_user_agent() -> None:
    assert agent_name("news-pipeline/0.1 (+https://x.example)") == "news-pipeline"


async def test_a_host_gets_few_requests_at_once_and_pauses_between_them() -> None:
    gate = HostGate(at_once=2)
    loop = asyncio.get_running_loop()
    starts: list[float] = []
    running = most = 0

    async def request() -> None:
        nonlocal running, most
        async with gate.turn("courier.example", Name("feed")) as host:
            await host.pause(timedelta(seconds=0.02))
            starts.append(loop.time())
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.05)
            running -= 1

    await asyncio.gather(*(request() for _ in range(6)))
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert most == 2
    assert min(pauses) > 0.015


async def test_one_host_does_not_wait_for_another() -> None:
    gate = HostGate(at_once=1)
    one, two = (gate.turn(f"{name}.example", Name("feed")) for name in ("one", "two"))
    async with asyncio.timeout(1), one as first, two as second:
        await first.pause(timedelta(seconds=60))
        await second.pause(timedelta(seconds=60))


async def test_feeds_take_turns_at_a_host() -> None:
    gate, order = HostGate(at_once=1), []

    async def request(feed: str) -> None:
        async with gate.turn("courier.example", Name(feed)):
            order.append(feed)
            await asyncio.sleep(0.001)

    await asyncio.gather(*(request("busy") for _ in range(100)), request("other"))
    assert order.index("other") == 1


async def test_a_pause_outlives_the_request_it_follows() -> None:
    gate = HostGate(at_once=1)
    started = asyncio.get_running_loop().time()
    for _ in range(3):
        async with gate.turn("courier.example", Name("feed")) as host:
            await host.pause(timedelta(seconds=0.05))
    assert asyncio.get_running_loop().time() - started >= 0.09


CASES = tomllib.loads(Path(__file__).with_name("robots_cases.toml").read_text("utf-8"))["cases"]


def may_fetch(case: dict[str, Any], path: str) -> bool | None:
    return asyncio.run(_verdict(case, path)).allowed


async def _verdict(case: dict[str, Any], path: str) -> Verdict:
    web = FakeFetcher()
    web.serve("http://foo.bar/robots.txt", case["rules"].encode())
    robots = RobotsCache(web, case.get("robot", "FooBot"))
    return await robots.ask(f"http://foo.bar{path}", NOON, allow_private=False, read=aside)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_robots_txt_is_read_as_googles_own_reader_does(case: dict[str, Any]) -> None:
    expected = dict.fromkeys(case.get("allowed", ()), True)
    expected |= dict.fromkeys(case.get("refused", ()), False)
    found = {path: may_fetch(case, path) for path in expected}
    assert (found == expected) is ("differs" not in case)


def wildcards(size: int) -> bytes:
    """As many rules as fit into so many bytes, as dear as they can be."""
    rules = "".join(f"Disallow: /*a*{n}*b*c*d*$\n" for n in range(size // 24))
    return f"User-agent: *\nDisallow: /intern\n{rules}".encode()[:size]


async def test_a_long_robots_txt_is_read_aside_and_its_rules_are_not_kept(web: FakeFetcher) -> None:
    lengths: list[int] = []

    async def read(body: bytes, url: str, agent: str) -> Verdict:
        lengths.append(len(body))
        return await aside(body, url, agent)

    robots = RobotsCache(web, "news-pipeline")
    web.serve(ROBOTS, wildcards(MAX_BYTES))
    assert (await ask(robots, read=read)).allowed is True
    assert (await ask(robots, "/intern/1", read=read)).allowed is False
    assert lengths == [MAX_BYTES] * 2
    web.serve("https://other.example/robots.txt", wildcards(SHORT))
    other = "https://other.example/intern/1"
    found = await robots.ask(other, NOON, allow_private=False, read=read)
    assert found == Verdict(allowed=False)
    assert len(lengths) == 2


async def test_what_takes_too_long_to_read_is_asked_again_later(web: FakeFetcher) -> None:
    async def slow(body: bytes, url: str, agent: str) -> Verdict:
        raise Rejected(Reason.ROBOTS, "not read within 20 s")

    web.serve(ROBOTS, wildcards(MAX_BYTES))
    assert (await ask(RobotsCache(web, "news-pipeline"), read=slow)).allowed is None


async def test_sites_without_number_are_kept_in_bounds(web: FakeFetcher) -> None:
    """Measured before: 25 MB for each site, and the event loop stood for 0.4 s at each."""
    sites = 16
    with ParserPool(processes=1, timeout_seconds=30, min_article_chars=100) as pool:
        await pool.robots(b"", SITE, "news-pipeline")  # it has come up
        robots = RobotsCache(web, "news-pipeline")
        gc.collect()
        gc.freeze()  # what other tests have left is not to be looked through meanwhile
        before, longest = resident(), 0.0
        for number in range(sites):
            site = f"https://s{number}.example"
            web.serve(f"{site}/robots.txt", wildcards(MAX_BYTES if number % 2 else SHORT))
            asking = asyncio.ensure_future(
                robots.ask(f"{site}/a", NOON, allow_private=False, read=pool.robots)
            )
            while not asking.done():
                started = time.thread_time()
                await asyncio.sleep(0.001)
                longest = max(longest, time.thread_time() - started)
    assert resident() - before < sites * 3_000_000
    assert longest < 0.1  # of the processor: others may be at work on the machine


async def test_the_text_itself_is_read_once(web: FakeFetcher, robots: RobotsCache) -> None:
    web.serve(ROBOTS, b"Sitemap: /a.xml")
    await ask(robots)
    assert await robots.text(f"{SITE}/", NOON, allow_private=False) == "Sitemap: /a.xml"
    assert len(web.asked) == 1
    web.fail("https://down.example/robots.txt", FetchFailed("status 503", permanent=False))
    assert await robots.text("https://down.example/", NOON, allow_private=False) is None
