"""What the markup says is beside the text: links that fill a line, captions, names of authors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from lxml.html import HtmlElement

from pipeline.feeds.paragraphs import line_key

_LINKS_LIMIT = 5_000
_PICTURES_LIMIT = 2_000
_PIECES_LIMIT = 50  # of text within one link
_SHORTEST_LINK = 40  # characters and
_LINK_WORDS = 5  # words; what is shorter may be a heading or an address of the text
_CAPTION_WORDS = 3


def asides(tree: HtmlElement, authors: Iterable[str]) -> frozenset[str]:
    """The keys of lines that are no text of the article, if they stand alone on a line."""
    bylines = (line_key(name) for name in authors)
    return frozenset(filter(None, (*_links(tree), *_captions(tree), *bylines)))


def _links(tree: HtmlElement) -> Iterator[str]:
    for link in islice(tree.iter("a"), _LINKS_LIMIT):
        words = " ".join("".join(islice(link.itertext(), _PIECES_LIMIT)).split())
        if len(words) >= _SHORTEST_LINK and words.count(" ") >= _LINK_WORDS - 1:
            yield line_key(words)


def _captions(tree: HtmlElement) -> Iterator[str]:
    """A line that also describes a picture to those who do not see it is its caption."""
    for picture in islice(tree.iter("img"), _PICTURES_LIMIT):
        key = line_key(picture.get("alt") or "")
        if key.count(" ") >= _CAPTION_WORDS - 1:
            yield key
