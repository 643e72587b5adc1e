"""Who may speak for an address: one publisher, told from its neighbours on a shared host. Pure.

A site is a registrable domain by the Public Suffix List, its private part included, so that
alice.github.io and bob.github.io are two. Many hosts that are shared are not on that list: on those
of ``_SHARED`` and on a university's, each host is a site of its own. On any host a path with a
segment that begins with "~" or "@" is somebody's home: who is at home there speaks for that home
alone, and on a shared host nobody else speaks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

from publicsuffixlist import PublicSuffixList
from yarl import URL

from pipeline.feeds.canonical import canonical_url, is_home, parse_url

# Platforms that give everybody a host, and are not in the private part of the Public Suffix List.
# Add here, nowhere else.
_SHARED = frozenset([
    "ameblo.jp", "blog.hu", "blogger.com", "blogs.com", "canalblog.com", "dreamwidth.com",
    "eklablog.com", "exblog.jp", "fandom.com", "fc2.com", "free.fr", "ghost.io", "google.com",
    "jimdofree.com", "libsyn.com", "livedoor.jp", "livejournal.com", "medium.com",
    "mystrikingly.com", "narod.ru", "naver.com", "over-blog.com", "overblog.com", "patreon.com",
    "podbean.com", "sina.com.cn", "skyrock.com", "squarespace.com", "substack.com", "svbtle.com",
    "tistory.com", "tumblr.com", "typepad.com", "ucoz.ru", "webnode.cz", "webnode.com",
    "wikidot.com", "wordpress.com", "write.as",
])  # fmt: skip
_ACADEMIC = re.compile(r"\.(?:edu|(?:edu|ac)\.[a-z]{2})$|^(?:uni|univ|tu|th|fh|hs)-[^.]+\.[a-z]+$")
_FEED_SUFFIX = re.compile(r"\.(?:rss|atom|xml|json)$")


class Place(NamedTuple):
    """Where an address is: its site, whether others have homes at that site, and whose home it is
    in, "" where in none."""

    site: str
    shared: bool
    home: str


def same_site(one: str | None, other: str | None) -> bool:
    """Whether both are addresses of one site, whoever's."""
    first, second = place_of(one), place_of(other)
    return first is not None and second is not None and first.site == second.site


def speaks_for(speaker: str | None, address: str | None) -> bool:
    """Whether who publishes at ``speaker`` publishes at ``address`` too."""
    first, second = place_of(speaker), place_of(address)
    if first is None or second is None or first.site != second.site:
        return False
    return first.home == second.home or not (first.home or first.shared)


def accepted_canonical(page_url: str | None, claimed: str | None) -> str | None:
    """The article's address: what the page claims it is, where the page may claim it.

    A claim counts within what the page's publisher speaks for, so that no page can pass itself off
    as somebody else's article. One from an article to its home page is a template's mistake. A page
    saved by someone (``page_url`` None) is taken at its word.
    """
    own = canonical_url(page_url) if page_url else None
    claim = canonical_url(claimed) if claimed else None
    if claim is None or (is_home(claim) and claim != own):
        return own
    if own is None:
        return claim if page_url is None else None
    return claim if speaks_for(own, claim) else own


def place_of(address: str | None) -> Place | None:
    """None for what is no http(s) address."""
    url = parse_url(address) if address else None
    if url is None:
        return None
    domain = _registrable(url)
    shared = domain in _SHARED or _ACADEMIC.search(domain) is not None
    site = (url.raw_host or "").removeprefix("www.") if shared else domain
    return Place(site=site, shared=shared, home=_home(url.parts))


def _home(parts: Iterable[str]) -> str:
    homes = (part for part in parts if len(part) > 1 and part[0] in "~@")
    return _FEED_SUFFIX.sub("", next(homes, "")).lower()


def _registrable(url: URL) -> str:
    """The registrable domain; host and port where there is none (an IP address, a bare name)."""
    host = url.raw_host or ""
    try:
        ip_address(host)
    except ValueError:
        return _suffixes().privatesuffix(host) or f"{host}:{url.port}"
    return f"{host}:{url.port}"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
