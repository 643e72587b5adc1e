"""HTML from outside made harmless, and made text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3
from lxml import etree

from pipeline.feeds.text import clean_line, clean_text

MARKUP_LIMIT = 1_000_000  # characters of one summary or content

# The sanitiser takes quadratic time in the depth of nesting: 190 s for 200,000 open elements.
_DEPTH_LIMIT = 2_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"]
)
_ANY_TAG = re.compile(r"<[^<>]*>")
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
_SPACE = re.compile(r"\s+")
_SILENT = frozenset(["script", "style", "template", "noscript"])


def sanitise(markup: str, base: str | None = None) -> str:
    """Harmless HTML: no scripts, styles, frames, event attributes or odd links.

    Relative links are resolved against ``base``, dropped without one.
    """
    markup = markup[:MARKUP_LIMIT]
    if _too_deep(markup):
        markup = _ANY_TAG.sub(" ", markup)
    relative = ("rewrite_with_base", base) if base else "deny"
    return nh3.clean(
        markup,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
        url_relative=relative,  # type: ignore[arg-type]
    ).strip()


def html_to_text(markup: str) -> str:
    """The text of HTML, one line for each block. See :func:`pipeline.feeds.text.clean_text`."""
    if "<" not in markup:
        return clean_text(" ".join(html.unescape(markup).split()))
    try:
        root = etree.fromstring(f"<body>{markup}</body>", etree.HTMLParser())
    except (etree.XMLSyntaxError, ValueError):
        return clean_text(html.unescape(_ANY_TAG.sub(" ", markup)))
    return clean_text("".join(_pieces(root))) if root is not None else ""


def text_to_html(text: str) -> str:
    """Plain text as HTML that shows the same."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def plain_title(title: str, limit: int) -> str:
    """A title as text: feeds escape titles once, twice, or write tags into them."""
    for _ in range(2):
        title = html.unescape(_INLINE_TAG.sub("", title))
    return clean_line(_INLINE_TAG.sub("", title), limit)


def _too_deep(markup: str) -> bool:
    depth = 0
    for closing, name in _TAG.findall(markup):
        if closing:
            depth -= 1
        elif name.lower() not in _VOID:
            depth += 1
        if depth > _DEPTH_LIMIT:
            return True
    return False


def _pieces(root: etree._Element) -> Iterator[str]:
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if element.tag in _BLOCKS:
            yield "\n"
        if event != "start":
            yield _SPACE.sub(" ", element.tail or "")
        elif element.tag not in _SILENT:
            text = element.text or ""
            yield text if element.tag == "pre" else _SPACE.sub(" ", text)
