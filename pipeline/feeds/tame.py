"""Markup without what makes its readers take quadratic time.

Measured: libxml2 takes 36 s for one tag with 80,000 attributes, html5ever 7 s for a million
ampersands.
"""

from __future__ import annotations

import re

MOST_ATTRIBUTES = 400
_LONG = 4_000  # characters of a tag; shorter ones have no room for many
_QUOTED = r"""=\s*+"[^"]*+"|=\s*+'[^']*+'"""
# A tag as HTML's own tokeniser sees it: a quote begins a value behind "=" alone, so that a stray
# one swallows no text. Possessive: whatever it is, it is looked at once.
_TAG = re.compile(rf"""<([a-zA-Z][^\s/>"'=]*+)(?:[^>=]++|{_QUOTED}|=)*+""")
_VALUE = re.compile(_QUOTED)
_BETWEEN = re.compile(r"[\s/=]")
# An ampersand that begins no reference; what a reference may be is more than any that there is.
_BARE_AMPERSAND = re.compile(r"&(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[a-zA-Z][a-zA-Z0-9]{1,31};)")
MOST_AMPERSANDS = 100_000
_MANY_AMPERSANDS = 5_000
_QUOTED_ENDS = 50


def tamed(markup: str) -> str:
    """``markup`` whose tags have at most about :data:`MOST_ATTRIBUTES`, or else none, and that has
    at most :data:`MOST_AMPERSANDS`: those after them become blanks."""
    if markup.count("&") > _MANY_AMPERSANDS:
        *head, tail = markup.split("&", MOST_AMPERSANDS)
        markup = "&".join([*head, tail.replace("&", " ")])
        markup = _BARE_AMPERSAND.sub("&amp;", markup)
    return _TAG.sub(_tamed_tag, markup) if _may_have_long_tags(markup) else markup


def _may_have_long_tags(markup: str) -> bool:
    if len(markup) < _LONG:
        return False
    pieces = markup.split(">")
    # What lies between two ends of tags is long, or has no beginning: those ends are within quotes.
    return max(map(len, pieces)) >= _LONG or sum("<" not in each for each in pieces) > _QUOTED_ENDS


def _tamed_tag(tag: re.Match[str]) -> str:
    if len(tag[0]) < _LONG or len(_BETWEEN.findall(_VALUE.sub("=", tag[0]))) <= MOST_ATTRIBUTES:
        return tag[0]
    return f"<{tag[1]}"
