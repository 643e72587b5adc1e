"""Characters that no reader sees and that deceive those who do not: kept out of the index. Pure.

Feeds and pages are cleaned where they are read. But whoever may write to a topic may put anything
into a text: controls that move a terminal's cursor, the marks by which searches are highlighted,
letters that turn the direction of all that follow. Each becomes U+FFFD, one for one, so that every
span still covers what it covered. Marks of direction that stand for themselves (LRM, RLM, ALM) and
joiners stay: Hebrew, Arabic, Persian and Indic texts need them, and they deceive nobody.
"""

from __future__ import annotations

import re
from typing import Any

REPLACEMENT = "\ufffd"
# C0 without tab and line feed, DEL, C1, embeddings and overrides, isolates.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# The same in JSON as it is written: controls escaped, the rest in UTF-8.
_IN_JSON = re.compile(
    rb"\\u00[01]|\\[bfr]|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
)


def may_have_unseen(written: bytes) -> bool:
    """Whether a document, as it was written, may have such characters."""
    return _IN_JSON.search(written) is not None


def without_unseen(value: Any) -> Any:
    """A document, or a part of one, with U+FFFD for each of them."""
    if isinstance(value, str):
        return _UNSEEN.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {without_unseen(name): without_unseen(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_unseen(each) for each in value]
    return value
