"""Addresses as feeds, pages and people write them."""

from __future__ import annotations

from collections.abc import Hashable
from urllib.parse import urljoin

from pipeline.feeds.canonical import (
    URL_LIMIT,
    absolute_url,
    canonical_url,
    host_of,
    is_home,
    is_normal,
    parse_url,
)
from pipeline.feeds.fetch import FetchFailed, check_literal, checked
from pipeline.feeds.ownership import accepted_canonical, speaks_for
from tests.fuzz.target import Target, joined, seeds, text_of, texts
from tests.fuzz.targets.laws import is_address, is_json

_URLS = (
    "https://courier.example/news/1?utm_source=x&b=2&a=1#top", "http://[::ffff:10.0.0.1]:80/a//b",
    "HTTPS://User:pw@News.Example.:443/%7Ea/%2e%2e/b?q=%2F&x=",
    "https://münchen.example/straße?ä=ö", "http://xn--mnchen-3ya.example/a../b", "//news.example/a",
    "http://127.1/", "http://0x7f.1/", "https://courier.example:99999/", "mailto:a@b.example",
    "https://%6eews.example/", "?page=2",
)  # fmt: skip
_TOKENS = (
    b"http://", b"https://", b"//", b"://", b"@", b":80", b":443", b":", b"%2e", b"%2F", b"%25",
    b"%00", b"..", b"/./", b"/../", b"?", b"&", b"=", b"#", b"[::1]", b"[", b"]", b"xn--", b".",
    "\u3002".encode(), "\uff0e".encode(), "\u2024".encode(), "ß".encode(), b"utm_x=1", b"\\",
    b"%EE%80%AF", "\ue02f".encode(), b"127.0.0.1", b"0177.0.0.1", b"%", b"+", b";", b"\t", b"\n",
)  # fmt: skip


def canonical(data: bytes) -> Hashable:
    """One normal form, in ASCII, that is its own."""
    url = text_of(data)
    found = canonical_url(url)
    parsed = parse_url(url)
    if is_normal(url):
        assert str(parsed) == url, "a normal address is changed"
    if parsed is not None:
        is_address(str(parsed))
    if found is None:
        return None if parsed is None else "too long"
    is_address(found)
    assert len(found) <= URL_LIMIT
    assert canonical_url(found) == found, f"not its own: {found!r} {canonical_url(found)!r}"
    assert parsed is not None
    assert canonical_url(str(parsed)) == found, f"{str(parsed)!r} has another than {url!r}"
    assert host_of(found), "no host"
    return parsed.scheme, is_home(found), parsed.port in {80, 443}, bool(parsed.query_string)


def relative(data: bytes) -> Hashable:
    """A link against its page, and what a page claims its address is."""
    link, base, claim = texts(data, 3)
    found = absolute_url(link, base)
    is_address(found)
    own = accepted_canonical(base, claim)
    is_address(own)
    is_json([found, own])
    if own is not None and found is not None:
        assert own == canonical_url(base) or speaks_for(base, own), "a page claims another site"
    return found is None, own is None, own == canonical_url(base)


def redirect(data: bytes) -> Hashable:
    """Where a Location header leads."""
    base, location = texts(data, 2)
    target = checked(urljoin(str(checked(base)), location))
    check_literal(target, allow_private=False)
    return target.scheme


TARGETS = (
    Target("canonical-url", canonical, seeds(*_URLS), (), _TOKENS, 10_000),
    Target(
        "relative-url",
        relative,
        seeds(*(joined(url, _URLS[0], other) for url in _URLS for other in _URLS[:3])),
        (),
        _TOKENS,
        10_000,
    ),
    Target(
        "redirect",
        redirect,
        seeds(*(joined(_URLS[0], url) for url in _URLS)),
        (FetchFailed, ValueError),
        _TOKENS,
        10_000,
    ),
)
