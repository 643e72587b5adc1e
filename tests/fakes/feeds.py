"""The web and the parser processes of the feed consumer, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline import settings as settings_module
from pipeline.feeds.fetch import Fetched, FetchFailed, NotModified
from pipeline.feeds.page import extract_page
from pipeline.feeds.parse import parse_feed
from pipeline.feeds.parsed import Entry, Page, ParsedFeed
from pipeline.feeds.robots_rules import Verdict, judge
from pipeline.feeds.subscriptions import Subscription
from pipeline.settings import Settings

FEED_URL = "https://courier.example/feed.xml"
MORNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PARAGRAPH = (
    "The old bridge over the Mell will be closed for repairs until the autumn, the council said on "
    "Monday. Buses will take the northern road, which adds a quarter of an hour to the journey. "
)
BODY = "".join(f"<p>{PARAGRAPH} Stage {number} is next.</p>" for number in range(1, 5))


def a_subscription(**changes: object) -> Subscription:
    """The Courier's feed, with any field changed."""
    fields = {"id": "courier", "url": FEED_URL, "name": "The Courier", "country": "GB"}
    return Subscription(**(fields | changes))  # type: ignore[arg-type]


def an_entry(number: int = 1, **changes: object) -> Entry:
    """Entry ``number`` of the Courier, with its whole text unless told otherwise."""
    fields: dict[str, object] = {
        "id": f"tag:{number}",
        "url": f"https://courier.example/news/{number}",
        "title": f"Bridge number {number} to close",
        "published": MORNING - timedelta(days=1) + timedelta(minutes=number),
        "content": f"{BODY}<p>Number {number}.</p>",
    }
    return Entry(**(fields | changes))  # type: ignore[arg-type]


def a_page(url: str = "https://courier.example/news/1", **changes: object) -> Page:
    """A page of the Courier."""
    fields: dict[str, object] = {
        "url": url,
        "canonical_url": url,
        "title": "Bridge to close",
        "text": PARAGRAPH * 3,
        "published": MORNING - timedelta(hours=3),
        "language": "en",
    }
    return Page(**(fields | changes))  # type: ignore[arg-type]


def html_page(title: str = "Bridge to close", body: str = BODY) -> bytes:
    """An article's page as bytes."""
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def atom(*entries: str) -> bytes:
    """An Atom document of these entries."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Courier</title>'
        f"<link href='https://courier.example/'/>{''.join(entries)}</feed>"
    ).encode()


def atom_entry(number: int, *, content: str = "", updated: str = "2026-02-28T09:00:00Z") -> str:
    """An entry that links to its page, with content where it has some."""
    escaped = content.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<entry><id>tag:{number}</id><title>Bridge {number}</title><updated>{updated}</updated>"
        f"<link href='/news/{number}'/><content type='html'>{escaped}</content></entry>"
    )


@dataclass
class Clock:
    """A clock that stands still until it is moved, or ticks a millisecond at each look."""

    now: datetime = MORNING
    tick: timedelta = timedelta(milliseconds=1)

    def __call__(self) -> datetime:
        self.now += self.tick
        return self.now


class FakeFetcher:
    """A web of a few pages; ``asked`` are the addresses asked for with their validators."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.private: set[str] = set()
        self._answers: dict[str, Fetched | NotModified | Exception] = {}

    def serve(self, url: str, body: bytes, **headers: str) -> None:
        """Answer with a body from now on."""
        self._answers[url] = Fetched(url=url, body=body, **headers)  # type: ignore[arg-type]

    def redirect(self, url: str, *, to: str) -> None:
        """Answer with what is served there from now on."""
        self._answers[url] = self._answers[to]

    def not_modified(self, url: str) -> None:
        """Answer 304 from now on."""
        self._answers[url] = NotModified()

    def fail(self, url: str, error: Exception) -> None:
        """Raise from now on."""
        self._answers[url] = error

    async def fetch(
        self,
        url: str,
        *,
        limit: int,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
    ) -> Fetched | NotModified:
        self.asked.append((url, etag, last_modified))
        if allow_private:
            self.private.add(url)
        answer = self._answers.get(url, FetchFailed("status 404", permanent=True))
        if isinstance(answer, Exception):
            raise answer
        return answer


class FakeRobots:
    """Sites that allow everything, but for the addresses in ``forbidden`` and ``unknown``."""

    def __init__(self) -> None:
        self.forbidden: set[str] = set()
        self.unknown: set[str] = set()

    async def ask(
        self, url: str, now: datetime, *, allow_private: bool, read: object = None
    ) -> Verdict:
        return Verdict(allowed=None if url in self.unknown else url not in self.forbidden)


class DirectParsers:
    """The parsers without their processes."""

    processes = 16

    async def robots(self, body: bytes, url: str, agent: str) -> Verdict:
        return judge(body=body, url=url, agent=agent)

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        return parse_feed(data, url=url, content_type=content_type)

    async def page(self, data: bytes, *, url: str | None, content_type: str | None) -> Page:
        return extract_page(data, url=url, content_type=content_type)


def feed_settings(**changes: object) -> Settings:
    """The default settings with changes to the section [feeds]."""
    defaults = settings_module.load()
    return defaults.model_copy(update={"feeds": defaults.feeds.model_copy(update=changes)})
