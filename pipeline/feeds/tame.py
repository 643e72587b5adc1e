"""Markup without what makes its readers take quadratic time.

Measured: libxml2 takes 36 s for one tag with 80,000 attributes, html5ever 7 s for a million
ampersands in one text.
"""

from __future__ import annotations

import re

MOST_ATTRIBUTES = 400
_LONG = 4_000  # characters of a tag; shorter ones have no room for many
_QUOTED = r"""=\s*+"[^"]*+"|=\s*+'[^']*+'"""
REST_OF_TAG = rf"(?:[^>=]++|{_QUOTED}|=)*+"
"""What follows a tag's name, up to its end, as HTML's own tokeniser sees it: a quote begins a value
behind "=" alone, so that a stray one swallows no text. Possessive: whatever it is, it is looked at
once."""
_TAG = re.compile(rf"""<([a-zA-Z][^\s/>"'=]*+){REST_OF_TAG}""")
_VALUE = re.compile(_QUOTED)
_BETWEEN = re.compile(r"[\s/=]")
_RUN = re.compile(r"[^<>]{4000,}")
_AMPERSANDS = 100
_QUOTED_ENDS = 50


def tamed(markup: str) -> str:
    """``markup`` whose tags have at most about :data:`MOST_ATTRIBUTES`, or else none."""
    return _TAG.sub(_tamed_tag, markup) if _may_have_long_tags(markup) else markup


def parted(markup: str) -> str:
    """The same, with comments between the ampersands of a long text: html5ever writes each in the
    time that all the rest of its text takes."""
    return _RUN.sub(_parted_run, markup) if markup.count("&") > _AMPERSANDS else markup


def _parted_run(run: re.Match[str]) -> str:
    pieces = run[0].split("&")
    starts = range(0, len(pieces), _AMPERSANDS)
    return "<!---->&".join("&".join(pieces[start : start + _AMPERSANDS]) for start in starts)


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
