"""One made feed: what it lists, what a reader has confirmed of it, and what it adds."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from email.utils import formatdate
from html import escape
from itertools import count
from time import time

import msgspec

from pipeline.feeds.canonical import canonical_url
from pipeline.records import article_id
from tests.chaos.world.record import Made
from tests.chaos.world.texts import made_text, marker, title

_SOUGHT_SHARE = 0.1
_REPEATED_SHARE = 0.2
_CORRECTED_SHARE = 0.3  # of the answers that bring something new
_CONFIRMED_KEPT = 30
_MOST_UNCONFIRMED = 200
_TEXTS_KEPT = 50
_ASKED_KEPT = 100

numbers = count(1)
"""Of articles, over everything that is made in one process."""


class Item(msgspec.Struct):
    """An entry as it stands; ``changed`` is the serial of the feed that first listed it so."""

    number: int
    version: int
    text: str
    sought: bool
    published: float
    changed: int

    @property
    def title(self) -> str:
        return title(marker(self.number, self.version))


class Feed:
    """Adds entries each time it is asked, and drops one only when a reader has shown, by the ETag
    it sends, that it has taken it in: so all that was ever listed must be found in the end.

    ``pages``: the texts are on pages. ``dated``: entries say when they are from.
    """

    def __init__(
        self, name: str, url: str, chance: random.Random, *, pages: bool, dated: bool
    ) -> None:
        self.name = name
        self.url = url
        self.serial = 0
        self.confirmed = 0
        self.asked: deque[float] = deque(maxlen=_ASKED_KEPT)
        self.unconditional = 0
        self._chance = chance
        self._pages = pages
        self._dated = dated
        self._items: dict[int, Item] = {}
        self._texts: list[str] = []

    @property
    def settled(self) -> bool:
        """Whether a reader has taken in all that is listed."""
        return self.confirmed >= self.serial

    def ask(self, etag: str | None, new: int, add: Callable[[list[Made]], None]) -> str | None:
        """The document, with ``new`` new entries, or None where the reader has it already."""
        self._confirm(etag)
        waiting = sum(each.changed > self.confirmed for each in self._items.values())
        if new and waiting < _MOST_UNCONFIRMED:
            self.serial += 1
            add([*self._grow(new), *self._correct()])
        if etag is not None and self.settled:
            return None
        return self._document()

    def _confirm(self, etag: str | None) -> None:
        if etag is None:
            self.unconditional += 1
            return
        self.confirmed = max(self.confirmed, int(etag.strip('W/"') or 0))
        old = [each.number for each in self._items.values() if each.changed <= self.confirmed]
        for number in old[:-_CONFIRMED_KEPT]:
            del self._items[number]

    def _grow(self, new: int) -> list[Made]:
        made = []
        for number in (next(numbers) for _ in range(new)):
            sought = self._chance.random() < _SOUGHT_SHARE
            item = Item(number, 1, self._text(sought=sought), sought, time(), self.serial)
            self._items[number] = item
            made.append(self._made(item))
        return made

    def _text(self, *, sought: bool) -> str:
        if self._texts and not sought and self._chance.random() < _REPEATED_SHARE:
            return self._chance.choice(self._texts)
        text = made_text(self._chance, sought=sought)
        if not sought:
            self._texts = [*self._texts[-_TEXTS_KEPT:], text]
        return text

    def _correct(self) -> list[Made]:
        """A version that no reader has confirmed is not corrected: it might never be seen."""
        ready = [each for each in self._items.values() if each.changed <= self.confirmed]
        if not ready or self._chance.random() > _CORRECTED_SHARE:
            return []
        item = self._chance.choice(ready)
        item.version += 1
        item.text = made_text(self._chance, sought=item.sought)
        item.changed = self.serial
        return [self._made(item)]

    def address(self, number: int) -> str:
        """Where an article stands."""
        return f"{self.url}/p/{number}"

    def _made(self, item: Item) -> Made:
        return Made(
            article=article_id(
                canonical_url=canonical_url(self.address(item.number)),
                feed_id=None,
                guid=None,
                content="",
            ),
            revision=int(time() * 1000),
            marker=marker(item.number, item.version),
            origin="feeds",
            sought=item.sought,
        )

    def captured(self) -> int | None:
        """The number of an article that archives may hold too: one that nobody is told of."""
        plain = [each.number for each in self._items.values() if not each.sought]
        return self._chance.choice(plain) if plain else None

    def page(self, number: int) -> str | None:
        """The page of an article that is still listed."""
        item = self._items.get(number)
        return article_page(item.title, item.text) if item else None

    def _document(self) -> str:
        items = "".join(self._entry(each) for each in self._items.values())
        return (
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{self.name}</title><link>{self.url}/</link>{items}</channel></rss>"
        )

    def _entry(self, item: Item) -> str:
        date = f"<pubDate>{formatdate(item.published)}</pubDate>" if self._dated else ""
        full = f"<content:encoded>{escape(f'<p>{item.text}</p>')}</content:encoded>"
        return (
            f"<item><guid isPermaLink='false'>{self.name}-{item.number}</guid>"
            f"<title>{item.title}</title><link>{self.address(item.number)}</link>{date}"
            f"<description>Short: {marker(item.number, item.version)}.</description>"
            f"{'' if self._pages else full}</item>"
        )


def article_page(headline: str, text: str) -> str:
    """An article's page as sites serve it."""
    return (
        f"<!doctype html><html lang='en'><head><title>{headline}</title></head><body><article>"
        f"<h1>{headline}</h1><p>{escape(text, quote=False)}</p></article></body></html>"
    )
