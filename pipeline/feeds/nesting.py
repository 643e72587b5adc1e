"""Markup whose tree is no deeper and no larger than it is worth. Pure.

The tree builder of HTML takes quadratic time in the depth of nesting, 190 s for 200,000 open
elements, and opens anew in each paragraph every format that was left open before it: 64 kB of
``<p><i a=1>``, ``<p><i a=2>`` and so on take 35 s.
"""

from __future__ import annotations

import re
from collections import Counter

from pipeline.feeds.tame import REST_OF_TAG

_DEPTH_LIMIT = 2_000
_REOPENED_LIMIT = 100_000
_FEW = 400  # tags that can neither nest too deep nor open too much anew
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
ANY_TAG = re.compile(r"<[^<>]*>")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"]
)
_FORMATS = frozenset([
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
])  # fmt: skip
_ONE_AT_A_TIME = frozenset(["a", "nobr"])
_FORMAT_TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(_FORMATS))})(?![a-zA-Z0-9])[^<>]*>", re.IGNORECASE
)
# Of those that look alike three at most are open, whatever closes them or does not.
_STARTING = re.compile(
    rf"<({'|'.join(sorted(_FORMATS - _ONE_AT_A_TIME))})(?![a-zA-Z0-9])({REST_OF_TAG})>",
    re.IGNORECASE,
)
_DIFFERENT_LIMIT = 50
# Within these, nothing closes a format that was opened before them.
_SCOPES = frozenset(["applet", "caption", "marquee", "object", "table", "td", "template", "th"])


def shallow(markup: str) -> str:
    """``markup`` without its tags where they nest too deep, without those of formats where too many
    are left open, and these without their attributes where hardly two are alike."""
    if markup.count("<") <= _FEW:
        return markup
    if len(set(_STARTING.findall(markup))) > _DIFFERENT_LIMIT:
        markup = _STARTING.sub(r"<\1>", markup)
    tags = [(bool(closing), name.lower()) for closing, name in _TAG.findall(markup)]
    if _too_deep(tags):
        return ANY_TAG.sub(" ", markup)
    return _FORMAT_TAG.sub("", markup) if _too_many_left_open(tags) else markup


class _Open:
    """How many elements are open, in ``count``. One is closed by its own name alone."""

    def __init__(self) -> None:
        self.count = 0
        self.names = Counter[str]()

    def start(self, name: str) -> None:
        self.count += 1
        self.names[name] += 1

    def end(self, name: str) -> None:
        was_open = self.names[name] > 0
        self.count -= was_open
        self.names[name] -= was_open


def _too_deep(tags: list[tuple[bool, str]]) -> bool:
    """Whether more elements are open at once than may be."""
    if len(tags) <= _DEPTH_LIMIT:
        return False
    elements = _Open()
    for closing, name in tags:
        if closing:
            elements.end(name)
        elif name not in _VOID:
            elements.start(name)
        if elements.count > _DEPTH_LIMIT:
            return True
    return False


def _too_many_left_open(tags: list[tuple[bool, str]]) -> bool:
    """Whether the formats that are open at each tag are too many in all."""
    formats, reopened = _Open(), 0
    for closing, name in tags:
        if name in _FORMATS:
            if closing:
                formats.end(name)
            elif name not in _ONE_AT_A_TIME or not formats.names[name]:
                formats.start(name)
        elif name in _SCOPES and not closing:
            formats.names.clear()
        reopened += formats.count
    return reopened > _REOPENED_LIMIT
