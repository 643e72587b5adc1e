"""Feeds as no one should write them, and some do: any number, the same for the same seed."""

from __future__ import annotations

import codecs
import gzip
import json
import random
from collections.abc import Callable, Iterator

from tests.fakes.feeds import atom, atom_entry

_TEXTS = (
    "Bridge to close", "Café à la Müller", "Мост закрыт", "橋が閉鎖", "“No deal”, says minister 🙂",
    "Fish & chips", "a < b", "<p>Short.</p>", "", "e\u0301" * 40,
)  # fmt: skip
_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7")
_DECLARED = (
    "utf-16",
    "latin-1",
    "koi8-r",
    "shift_jis",
    "no-such-encoding",
    "",
    "utf-8\0",
    "x" * 99,
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE)
_JUNK = (
    b"&nosuch;", b"&", b"&#0;", b"&#xD800;", b"&#99999999999;", b"&amp", b"\0", b"\x01\x1f\x7f",
    b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x", b"<",
    b">", b"</", b"<a b=c>", b"<a b='>", b"<!DOCTYPE x>", b"<item>", b"</rss>", b"\xef\xbb\xbf",
    b"<script>alert(1)</script>", b"%PDF-", b"\r\r\r", b"{", b'"', b"xmlns:a='b'",
)  # fmt: skip
_PAGES = (
    b"<html><head><title>x</title></head><body><p>Maintenance.</p></body></html>",
    b"<!doctype html><title>x</title>", b"\xef\xbb\xbf <!DOCTYPE HTML PUBLIC '-//W3C//DTD'><p>",
    b"", b" \r\n\t", b"\0" * 500, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), b"%PDF-1.7\n%\xff",
    b"[]", b"{}", b"null", b"404 page not found", b"<", b"<?xml", b"<?xml version='1.0'?>",
    b"<note/>", b"PK\x03\x04" + b"\0" * 99, b"<svg xmlns='http://www.w3.org/2000/svg'/>",
)  # fmt: skip

Odd = Callable[[random.Random, bytes], bytes]


def odd_feeds(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """Documents with the name of what was done to each."""
    chosen = random.Random(seed)
    ways = list(_WAYS.items())
    for number in range(count):
        name, change = ways[number % len(ways)]
        data = change(chosen, whole_feed(chosen))
        if chosen.random() < 0.2:  # one misfortune seldom comes alone
            other, change_again = chosen.choice(ways)
            name, data = f"{name}, {other}", change_again(chosen, data)
        yield f"{number}: {name}", data


def whole_feed(chosen: random.Random) -> bytes:
    """A feed with nothing wrong, in any of the formats."""
    return chosen.choice((_rss, _rdf, _atom, _json_feed, _sitemap, _sitemap_index))(chosen)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _rss(chosen: random.Random) -> bytes:
    items = "".join(
        f"<item><title>{_escaped(chosen.choice(_TEXTS))}</title><link>https://n.example/{n}</link>"
        f"<guid>{n}</guid><pubDate>Sun, 01 Mar 2026 12:00:0{n} GMT</pubDate>"
        f"<description><![CDATA[{chosen.choice(_TEXTS)}]]></description></item>"
        for n in range(chosen.randint(0, 6))
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/'
        f'2005/Atom"><channel><title>{_escaped(chosen.choice(_TEXTS))}</title><ttl>30</ttl>'
        f'<atom:link rel="hub" href="https://hub.example/"/>{items}</channel></rss>'
    ).encode()


def _rdf(chosen: random.Random) -> bytes:
    items = "".join(
        f'<item rdf:about="https://n.example/{n}"><title>{_escaped(chosen.choice(_TEXTS))}</title>'
        f"<link>https://n.example/{n}</link><dc:date>2026-03-0{n + 1}</dc:date></item>"
        for n in range(chosen.randint(0, 6))
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/'
        'rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://n.'
        f'example/"><title>N</title></channel>{items}</rdf:RDF>'
    ).encode()


def _atom(chosen: random.Random) -> bytes:
    count = chosen.randint(0, 6)
    return atom(*(atom_entry(n, content=chosen.choice(_TEXTS)) for n in range(count)))


def _json_feed(chosen: random.Random) -> bytes:
    texts = [chosen.choice(_TEXTS) for _ in range(chosen.randint(0, 6))]
    items = [
        {"id": n, "url": f"/{n}", "title": text, "content_html": text, "date_published": "2026"}
        for n, text in enumerate(texts)
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def _sitemap(chosen: random.Random) -> bytes:
    rows = "".join(
        f"<url><loc>https://n.example/{n}</loc><lastmod>2026-03-01</lastmod></url>"
        for n in range(chosen.randint(0, 9))
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


def _sitemap_index(chosen: random.Random) -> bytes:
    rows = "".join(
        f"<sitemap><loc>https://n.example/{n}.xml</loc></sitemap>"
        for n in range(chosen.randint(0, 9))
    )
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def _place(chosen: random.Random, data: bytes) -> int:
    return chosen.randint(0, len(data))


def _cut(chosen: random.Random, data: bytes) -> bytes:
    return data[: _place(chosen, data)]


def _beheaded(chosen: random.Random, data: bytes) -> bytes:
    return data[_place(chosen, data) :]


def _bytes_changed(chosen: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chosen.randint(1, 20)):
        if changed:
            changed[chosen.randrange(len(changed))] = chosen.randrange(256)
    return bytes(changed)


def _junk_between(chosen: random.Random, data: bytes) -> bytes:
    for _ in range(chosen.randint(1, 6)):
        at = _place(chosen, data)
        data = data[:at] + chosen.choice(_JUNK) + data[at:]
    return data


def _junk_before(chosen: random.Random, data: bytes) -> bytes:
    return chosen.choice(_JUNK) * chosen.randint(1, 50) + data


def _other_encoding(chosen: random.Random, data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(chosen.choice(_ENCODINGS))


def _wrong_declaration(chosen: random.Random, data: bytes) -> bytes:
    declared = chosen.choice(_DECLARED).encode()
    body = data.partition(b"?>")[2] if data.startswith(b"<?xml") else data
    return b'<?xml version="1.0" encoding="' + declared + b'"?>' + body


def _mark_before(chosen: random.Random, data: bytes) -> bytes:
    return chosen.choice(_MARKS) * chosen.randint(1, 3) + data


def _two_roots(chosen: random.Random, data: bytes) -> bytes:
    return data + whole_feed(chosen)


def _no_namespaces(chosen: random.Random, data: bytes) -> bytes:
    return data.replace(b"xmlns", chosen.choice((b"x", b"", b"xmlns:xmlns")))


def _open_cdata(chosen: random.Random, data: bytes) -> bytes:
    return data.replace(b"]]>", chosen.choice((b"", b"]]", b"]] >")))


def _bare_ampersands(_: random.Random, data: bytes) -> bytes:
    return data.replace(b"&amp;", b"&").replace(b"&lt;", b"<").replace(b"/n.", b"/?a=1&b=2&n.")


def _undefined_entities(chosen: random.Random, data: bytes) -> bytes:
    return data.replace(b"e", chosen.choice((b"&eacute;", b"&e;", b"&#233", b"&#xE9;")))


def _multiplying_entities(_: random.Random, data: bytes) -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<!DOCTYPE x [<!ENTITY e0 "{"a" * 10}">{levels}]>'.encode()
    return declared + data.replace(b"<title>", b"<title>&e9;").replace(b"<loc>", b"<loc>&e9;")


def _deep(chosen: random.Random, data: bytes) -> bytes:
    opened = chosen.choice((b"<item>", b"<b>", b"<channel>", b"<url>", b"<div><p>", b'{"a":'))
    at = _place(chosen, data)
    return data[:at] + opened * 10_000 + data[at:]


def _many_attributes(chosen: random.Random, data: bytes) -> bytes:
    attributes = b"".join(b" a%d='1'" % number for number in range(3_000))
    return data.replace(b"<title", b"<title" + attributes, chosen.randint(1, 3))


def _packed(chosen: random.Random, data: bytes) -> bytes:
    packed = gzip.compress(data, mtime=0)
    return packed[: chosen.randint(0, len(packed))] if chosen.random() < 0.5 else packed


def _bomb(_: random.Random, data: bytes) -> bytes:
    return gzip.compress(data + bytes(60_000_000), compresslevel=1, mtime=0)


def _no_feed(chosen: random.Random, _: bytes) -> bytes:
    return chosen.choice(_PAGES)


def _noise(chosen: random.Random, _: bytes) -> bytes:
    return chosen.randbytes(chosen.randint(0, 2_000))


def _shuffled(chosen: random.Random, data: bytes) -> bytes:
    tags = data.split(b"<")
    chosen.shuffle(tags)
    return b"<".join(tags)


def _doubled_tags(chosen: random.Random, data: bytes) -> bytes:
    return data.replace(b"<", b"<<", chosen.randint(1, 9)).replace(b"</item>", b"")


_WAYS: dict[str, Odd] = {
    "cut": _cut,
    "beheaded": _beheaded,
    "bytes changed": _bytes_changed,
    "junk between": _junk_between,
    "junk before": _junk_before,
    "another encoding": _other_encoding,
    "a wrong declaration": _wrong_declaration,
    "marks before": _mark_before,
    "two roots": _two_roots,
    "no namespaces": _no_namespaces,
    "CDATA left open": _open_cdata,
    "bare ampersands": _bare_ampersands,
    "undefined entities": _undefined_entities,
    "multiplying entities": _multiplying_entities,
    "deep": _deep,
    "many attributes": _many_attributes,
    "packed": _packed,
    "no feed": _no_feed,
    "noise": _noise,
    "shuffled": _shuffled,
    "tags doubled": _doubled_tags,
}
BOMB: Odd = _bomb
