"""The parser processes, real ones."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.errors import Rejected
from pipeline.feeds.parser_pool import ParserPool
from pipeline.records import Reason
from tests.fakes.feeds import FEED_URL, atom, atom_entry, html_page


def hang(**_: Any) -> None:
    time.sleep(600)


def die(**_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


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
    with ParserPool(processes=1, timeout_seconds=2, min_article_chars=250) as pool:
        with pytest.raises(Rejected, match=detail) as raised:
            pool.submit(Reason.NOT_AN_ARTICLE, function, {}).result()
        assert raised.value.reason is Reason.NOT_AN_ARTICLE
        assert pool.submit_feed(atom(atom_entry(1)), url=FEED_URL).result().entries
