"""The parser processes, real ones."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Rejected
from pipeline.feeds.parser_pool import ParserPool
from pipeline.feeds.processor_time import TookTooLong, at_most
from pipeline.metrics import PARSER_RESTARTS
from pipeline.records import Reason
from tests.fakes.feeds import BODY, FEED_URL, atom, atom_entry, html_page


def hang(**_: Any) -> None:
    time.sleep(600)


def die(**_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def bloat(**_: Any) -> int:
    return len(bytearray(8 << 30))


def address_space() -> int:
    return next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmPeak")
    )


def failures() -> float:
    return sum(PARSER_RESTARTS.labels(cause)._value.get() for cause in ("crash", "timeout"))


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(processes=1, timeout_seconds=20, min_article_chars=250) as pool:
        yield pool


async def test_feeds_and_pages_are_parsed_in_another_process(pool: ParserPool) -> None:
    feed = await pool.feed(atom(atom_entry(1)), url=FEED_URL, content_type=None)
    page = await pool.page(html_page(), url=FEED_URL, content_type=None)
    assert (feed.title, page.title) == ("The Courier", "Bridge to close")


async def test_a_rejection_comes_through_as_it_is(pool: ParserPool) -> None:
    with pytest.raises(Rejected) as raised:
        await pool.feed(b"no feed", url=FEED_URL, content_type=None)
    assert (raised.value.reason, raised.value.detail) == (
        Reason.UNPARSABLE_FEED,
        "neither RSS nor Atom",
    )


@pytest.mark.parametrize(("function", "detail"), [(hang, "not read within 2 s"), (die, "died")])
def test_what_hangs_or_kills_its_process_is_rejected_and_the_next_is_read(
    function: Any, detail: str
) -> None:
    before = failures()
    with ParserPool(processes=1, timeout_seconds=2, min_article_chars=250) as pool:
        with pytest.raises(Rejected, match=detail) as raised:
            pool.submit(Reason.NOT_AN_ARTICLE, function, {}).result()
        assert failures() > before
        assert raised.value.reason is Reason.NOT_AN_ARTICLE
        assert pool.submit_feed(atom(atom_entry(1)), url=FEED_URL).result().entries


def test_what_takes_too_much_of_a_processor_is_rejected_before_its_time_is_over(
    pool: ParserPool,
) -> None:
    items = "<li>a<li><a href='/x'>b</a>" * 60_000
    page = html_page(body=f"{BODY}<ul>{items}</ul>")
    assert len(page) > 1_500_000
    started = time.monotonic()
    with pytest.raises(Rejected, match=r"more than 3\.. s of a processor"):
        pool.submit_page(page, url=FEED_URL).result()
    assert time.monotonic() - started < 15
    assert pool.submit_page(html_page(), url=FEED_URL).result().title == "Bridge to close"


@pytest.mark.parametrize("swallows", [False, True])
def test_time_of_the_processor_ends_what_catches_everything(swallows: bool) -> None:
    def work() -> None:
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            try:
                while time.monotonic() < ends:
                    pass
            except BaseException:
                if not swallows:
                    raise
                swallowed.append(1)
                if len(swallowed) > 1:
                    raise

    swallowed: list[int] = []
    with pytest.raises(TookTooLong), at_most(0.05):
        work()
    assert len(swallowed) == (2 if swallows else 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_what_wants_more_memory_than_a_parser_may_have_is_rejected(pool: ParserPool) -> None:
    with pytest.raises(Rejected, match="memory"):
        pool.submit(Reason.NOT_AN_ARTICLE, bloat, {}).result()
    assert pool.submit_page(html_page(), url=FEED_URL).result().title == "Bridge to close"


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_a_parser_loads_within_half_of_its_memory(pool: ParserPool) -> None:
    pool.submit_page(html_page(), url=FEED_URL).result()
    assert pool.submit(Reason.NOT_AN_ARTICLE, address_space, {}).result() < 2 << 30


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3, 0.5])
def test_a_pool_is_stopped_at_once_whatever_it_is_doing(moment: float) -> None:
    pool = ParserPool(processes=2, timeout_seconds=20, min_article_chars=1)
    for _ in range(200):
        pool.submit(Reason.NOT_AN_ARTICLE, pow, {"base": 2, "exp": 5})
    time.sleep(moment)
    started = time.monotonic()
    pool.__exit__(None, None, None)
    assert time.monotonic() - started < 10
