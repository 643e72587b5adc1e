"""Hubs that the server of a feed names in Link headers. Pure.

Sources: RFC 8288, 3 and B.3 (how such headers are read); WebSub, 4 (headers come before the
document). aiohttp's own reader takes ``rel="hub self"`` for one name, minds the case of names, and
raises over addresses that are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from pipeline.feeds.canonical import absolute_url
from pipeline.feeds.feed_head import HUBS_LIMIT
from pipeline.feeds.parsed import ParsedFeed

_LONGEST = 16_384  # characters of all Link headers: what comes after them is not heard
_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(
    r"\s*;\s*(?:([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\",;]+)))?)?",
    re.ASCII,
)
_END = re.compile(r"\s*(?:,|$)")
_NEXT = re.compile(r",\s*(?=<)")
_QUOTED_PAIR = re.compile(r"\\(.)")


def with_link_header(feed: ParsedFeed, header: str | None, url: str) -> ParsedFeed:
    """``feed`` with the hubs, and with its own address, that ``header`` names; itself without any.

    ``header`` is the value of all Link headers, joined by commas; ``url`` is where it was sent
    from, which relative addresses start from.
    """
    links = list(_links(header or ""))
    hubs = [address for each in _named("hub", links) if (address := absolute_url(each, url))]
    if not hubs:
        return feed
    itself = (absolute_url(each, url) for each in _named("self", links))
    return msgspec.structs.replace(
        feed,
        hubs=tuple(dict.fromkeys(hubs))[:HUBS_LIMIT],
        self_url=next(filter(None, itself), feed.self_url),
    )


def _named(relation: str, links: list[tuple[str, list[str]]]) -> Iterator[str]:
    return (target for target, relations in links if relation in relations)


def _links(header: str) -> Iterator[tuple[str, list[str]]]:
    """Targets with their relations, in lower case; what is malformed is passed over."""
    header = header[:_LONGEST]
    at = 0
    while match := _TARGET.match(header, at):
        parameters, at = _parameters(header, match.end())
        if end := _END.match(header, at):
            at = end.end()
            if "anchor" not in parameters:  # a link of another document than this
                yield match[1], parameters.get("rel", "").lower().split()
        elif following := _NEXT.search(header, at):
            at = following.end()
        else:
            return


def _parameters(header: str, at: int) -> tuple[dict[str, str], int]:
    """Parameters by their names in lower case, the first of each, and where they end."""
    found: dict[str, str] = {}
    while match := _PARAMETER.match(header, at):
        name, quoted, token = match.groups()
        value = token or "" if quoted is None else _QUOTED_PAIR.sub(r"\1", quoted)
        found.setdefault((name or "").lower(), value)
        at = match.end()
    return found, at
