"""HTML from outside made harmless, and made text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache

import nh3
from lxml import etree

from pipeline.feeds.nesting import ANY_TAG, shallow
from pipeline.feeds.tame import parted, tamed
from pipeline.feeds.text import (
    clean_line,
    clean_text,
    clean_words,
    unescaped,
    without_surrogates,
)

MARKUP_LIMIT = 1_000_000  # characters of one summary or content

_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|br|cite|code|em|font|i|mark|p|q|s|small|span|strong|sub|sup|u)\b[^<>]*>",
    re.IGNORECASE,
)
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd",
    "details", "div", "dl", "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "table", "td", "th", "tr", "ul",
])  # fmt: skip
_SHORT = 2_000  # characters
# An address in an attribute that the sanitiser lets through, unless it is surely a whole one. The
# letters are spelt out, as that is ten times as quick as to ignore their case.
_RELATIVE = re.compile(r"[hHsScC](?:[rR][eE][fF]|[rR][cC]|[iI][tT][eE])(?!=[\"']https?://)")
_MARKUP_PER_LETTER = 2
_LONGEST_REFERENCE = 40  # characters of "&CounterClockwiseContourIntegral;", and some
_SPACE = re.compile(r"\s+")
_SILENT = frozenset(["script", "style", "template", "noscript"])


def sanitise(markup: str, base: str | None = None) -> str:
    """Harmless HTML: no scripts, styles, frames, event attributes or odd links.

    Relative links are resolved against ``base``, dropped without one.
    """
    if not markup:
        return ""
    markup = without_surrogates(markup[:MARKUP_LIMIT])
    if not _needs_work(markup):
        return markup.strip()
    markup = parted(shallow(tamed(markup)))
    return _cleaner_for(base if base and _may_be_relative(markup) else None).clean(markup).strip()


def html_to_text(markup: str) -> str:
    """The text of HTML, one line for each block. See :func:`pipeline.feeds.text.clean_text`."""
    return clean_text(_raw_text(markup))


def _raw_text(markup: str) -> str:
    if "<" not in markup:
        return " ".join(unescaped(markup).split())
    markup = tamed(markup)
    try:
        root = etree.fromstring(f"<body>{markup}</body>", etree.HTMLParser())
    except (etree.XMLSyntaxError, ValueError):
        return unescaped(ANY_TAG.sub(" ", markup))
    return "".join(_pieces(root)) if root is not None else ""


def letters(markup: str, limit: int | None = None) -> str:
    """The text of HTML without any spaces: what two ways to write the same have in common.

    With ``limit``, at least so many letters where there are so many, read from no more than the
    markup's head where that is enough.
    """
    if not _needs_work(markup) and (words := clean_words(markup)) is not None:
        return words.replace(" ", "")
    if limit is not None and (head := _whole_head(markup, limit * _MARKUP_PER_LETTER)):
        found = letters(head)
        if len(found) > limit:  # the last one may be one with a mark that comes after the head
            return found
    raw = _raw_text(markup)
    words = clean_words(raw)
    return "".join(clean_text(raw).split()) if words is None else words.replace(" ", "")


def _whole_head(markup: str, length: int) -> str:
    """About the first ``length`` characters, without half a tag, comment or reference at their end;
    empty where that would be all of it, or cannot be told."""
    if len(markup) <= length + _LONGEST_REFERENCE:
        return ""
    head = markup[:length]
    if head.rfind("<") > head.rfind(">"):
        head = head[: head.rfind("<")]
    reference = head.find("&", max(0, len(head) - _LONGEST_REFERENCE))
    head = head[:reference] if reference >= 0 else head
    return "" if "<!" in head or "<?" in head or "\0" in head else head


def text_to_html(text: str) -> str:
    """Plain text as HTML that shows the same."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def plain_title(title: str, limit: int) -> str:
    """A title as text: feeds escape titles once, twice, or write tags into them."""
    if "<" not in title and "&" not in title:
        return clean_line(title, limit)
    for _ in range(2):
        title = unescaped(_INLINE_TAG.sub("", title))
    return clean_line(_INLINE_TAG.sub("", title), limit)


def _needs_work(markup: str) -> bool:
    """Whether the sanitiser could change it: it escapes these, or takes them as HTML does."""
    return (
        "<" in markup
        or "&" in markup
        or ">" in markup
        or "\r" in markup
        or "\0" in markup
        or "\xa0" in markup
        or "\ufeff" in markup
    )


def _may_be_relative(markup: str) -> bool:
    """Whether a link may need a base: yes where a look takes longer than to make a cleaner."""
    return len(markup) > _SHORT or _RELATIVE.search(markup) is not None


def _cleaner_for(base: str | None) -> nh3.Cleaner:
    try:
        return _cleaner(base)
    except ValueError:  # an address to us, but none to the sanitiser
        return _cleaner(None)


@lru_cache(maxsize=64)
def _cleaner(base: str | None) -> nh3.Cleaner:
    """To make one costs as much as to clean a teaser with it."""
    return nh3.Cleaner(
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
        url_relative=("rewrite_with_base", base) if base else "deny",
    )


def _pieces(root: etree._Element) -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if element.tag in _BLOCKS:
            yield "\n"
        if event != "start":
            yield _single_spaced(element.tail or "")
        elif element.tag not in _SILENT:
            text = element.text or ""
            yield text if element.tag == "pre" else _single_spaced(text)


def _single_spaced(text: str) -> str:
    # What is printable has no spaces but plain ones.
    return text if text.isprintable() and "  " not in text else _SPACE.sub(" ", text)
