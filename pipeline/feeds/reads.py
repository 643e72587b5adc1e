"""What reading a file yields, one by one and in order, while pages are extracted side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from pipeline.feeds.parsed import Page, RawPage
from pipeline.records import Article, DeadLetter


class PassedOver(StrEnum):
    """Why a record of an archive is no article: counted, not kept.

    A crawl holds more section fronts, pictures and redirects than articles: dead letters for
    millions of them would hide the few that tell of damage.
    """

    NOT_A_RESPONSE = "not-a-response"  # request, metadata, warcinfo, resource, conversion
    REVISIT = "revisit"  # says only that the content is that of an earlier capture
    NOT_HTTP = "not-http"  # a look-up of a name, or no address a reader could follow
    NOT_FOUND = "not-200"  # redirects, errors
    NOT_HTML = "not-html"  # pictures, style sheets, robots.txt
    HOME_PAGE = "home-page"  # the front of a site: many articles' teasers
    TOO_LARGE = "too-large"  # over feeds.max_page_bytes, packed or not
    NOT_AN_ARTICLE = "not-an-article"  # a page without a main text: section fronts, galleries


Outcome: TypeAlias = Article | DeadLetter | PassedOver
Extract: TypeAlias = Callable[[RawPage], "Future[Page]"]


class Place(msgspec.Struct, frozen=True):
    """Where reading goes on: ``skip`` records or lines after the one at byte ``offset``."""

    offset: int = 0
    skip: int = 0


START = Place()


class Read(msgspec.Struct, frozen=True):
    """One record or text on its way: ``outcome`` may wait for a process that extracts its page.

    ``after`` is where reading goes on once the outcome is safe; None where that is not known.
    """

    outcome: Callable[[], Outcome]
    after: Place | None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How files are read.

    ``extract`` makes pages of HTML, ``in_flight`` of them at a time. ``max_bytes`` bounds one file,
    one line of a .jsonl file, or one record of an archive; ``max_chars`` one text.
    """

    extract: Extract
    now: datetime
    max_bytes: int
    max_chars: int
    in_flight: int = 1

    @property
    def revision(self) -> int:
        """Milliseconds since the epoch, as every article's."""
        return int(self.now.timestamp() * 1000)


def settled(reads: Iterable[Read], in_flight: int) -> Iterator[tuple[Outcome, Place | None]]:
    """The outcomes in order; reading is at most ``in_flight`` ahead of them."""
    waiting: deque[Read] = deque()
    for read in reads:
        waiting.append(read)
        if len(waiting) > in_flight:
            yield _settle(waiting.popleft())
    while waiting:
        yield _settle(waiting.popleft())


def _settle(read: Read) -> tuple[Outcome, Place | None]:
    return read.outcome(), read.after
