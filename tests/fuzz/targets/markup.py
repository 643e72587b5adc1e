"""Texts and markup from outside, made clean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable

from lxml import html

from pipeline.feeds.canonical import absolute_url
from pipeline.feeds.encodings import corrected, guess
from pipeline.feeds.markup import html_to_text, letters, plain_title, sanitise, text_to_html
from pipeline.feeds.text import (
    clean_line,
    clean_text,
    first_sentence,
    shorten,
    truncate_text,
    without_surrogates,
)
from tests.fuzz.target import Target, joined, parts, seeds, text_of, texts
from tests.fuzz.targets.laws import is_clean, is_json, is_line

_TEXTS = (
    "The bridge will close, Mayor Ada Lind said. Buses go on.\n\nMore tomorrow.",
    "Cafe\u0301\u200b\xa0x", "“No deal”, says minister 🙂", "橋が閉鎖。",
    "می\u200cروم", "a\u0301" * 20,
    "one\r\ntwo\u2028three",
)  # fmt: skip
_MARKUP = (
    "<p>Short <a href='/x?a=1&amp;b=2'>link</a> <b>bold</b></p><script>alert(1)</script>",
    "<div><img src=x onerror=alert(1)><p>a<br>b</div><style>p{}</style><pre> a  b </pre>",
    "&lt;p&gt;twice&lt;/p&gt; &amp;amp; &#x202e; &#0; <!-- c --><![CDATA[x]]>",
    "<svg><a xlink:href='javascript:x'>link</a></svg>&amp",
    "<blockquote cite='//x'><table><tr><td>1<td>2</table><iframe src=//e></iframe>",
)  # fmt: skip
_TOKENS = (
    b"<p>", b"</p>", b"<a href='", b"<a href=javascript:x>", b"<img src=", b"<script>",
    b"</script>", b"<!--", b"-->", b"<svg>", b"<math>", b"<style>", b"<template>", b"&lt;",
    b"&amp;", b"&#", b"&#x", b"&nbsp;", b"<![CDATA[", b"]]>", b"<?x", b"<table>", b"<td>",
    b"<select>", b"<noscript>", b" onclick=x ", b"<plaintext>", b"<textarea>", b"<title>", b"<br>",
    b"<div>", b"</div>", b"<b>", b"</body>", b"<base href=//x>",
)  # fmt: skip
_SCHEME = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


def clean(data: bytes) -> Hashable:
    """Clean texts are their own clean texts, and cuts keep to their limits."""
    text = text_of(data)
    found = clean_text(text)
    is_clean(found)
    is_json(found)
    assert unicodedata.is_normalized("NFC", found)
    for limit in (1, 20, 120):
        line = clean_line(text, limit)
        is_line(line, limit)
        cut, was_cut = truncate_text(found, limit)
        assert len(cut) <= limit
        assert was_cut == (cut != found)
        assert len(shorten(line, limit)) <= limit
        is_line(first_sentence(found, limit), limit)
    is_json(without_surrogates(text))
    return len(found).bit_length(), found.count("\n").bit_length(), found.isascii()


def harmless(data: bytes) -> Hashable:
    """What is left of markup does nothing and leads nowhere else."""
    markup, base = texts(data, 2)
    found = sanitise(markup, absolute_url(base, "https://n.example/"))
    is_json(found)
    assert sanitise(found, None) is not None
    for element in html.fromstring(f"<div>{found}</div>").iter() if found else ():
        if not isinstance(element.tag, str):
            continue
        assert element.tag not in {"script", "style", "iframe", "object", "embed", "form"}
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name not in {"href", "src"} or _SCHEME.match(value.strip()), value
    return len(found).bit_length(), found.count("<").bit_length()


def plain(data: bytes) -> Hashable:
    """Markup as text, and titles, whichever way they are escaped."""
    markup = text_of(data)
    text = html_to_text(markup)
    is_clean(text)
    is_line(plain_title(markup, 100), 100)
    if "<" not in markup:  # within a tag a head may be read as another thing than the whole
        assert letters(markup, 20)[:20] == letters(markup)[:20], "the head has other letters"
    shown = html_to_text(text_to_html(text))
    assert shown == text, f"{text!r} is shown as {shown!r}"
    return len(text).bit_length(), text.count("\n").bit_length()


def encoding(data: bytes) -> Hashable:
    """A name by which the bytes can be read."""
    document, declared, header = parts(data, 3)
    said = text_of(declared) or None
    right = corrected(document, declared=said, header=text_of(header) or None)
    likeliest = guess(document)
    for name in (right, likeliest):
        if name is not None:
            document.decode(name, "replace").encode("utf-8", "replace")
    return right, likeliest


TARGETS = (
    Target("text", clean, seeds(*_TEXTS)),
    Target(
        "sanitise",
        harmless,
        seeds(*(joined(each, base) for each in _MARKUP for base in ("", "https://n.example/a"))),
        (),
        _TOKENS,
    ),
    Target("html-to-text", plain, seeds(*_MARKUP, *_TEXTS), (), _TOKENS),
    Target(
        "encodings",
        encoding,
        seeds(
            joined("Café à la Müller", "utf-8"),
            joined("Мост закрыт".encode("koi8-r"), "windows-1251", "koi8-r"),
            joined("橋が閉鎖".encode("shift_jis"), "latin-1", "shift_jis"),
        ),
        (),
        (b"utf-7", b"utf-16", b"idna", b"punycode", b"unicode_escape", b"hex", b"zlib", b"cp037"),
        20_000,
    ),
)
