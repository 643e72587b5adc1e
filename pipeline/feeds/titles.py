"""Which of the titles that a page gives itself is its headline."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENOUGH = 3  # titles that agree
# Begins where blanks begin: looked for at each of them, a row of blanks takes quadratic time.
_SUFFIX = re.compile(r"(?<!\s)\s++[|–—-]\s++(?P<site>[^|–—]{2,60})$")
_MARKS = tuple("|–—-:·")
_WORDS = re.compile(r"\w+")


def choose_title(headline: str, rivals: Sequence[str], seconds: Sequence[str] = ()) -> str:
    """``headline``, the page's own word for it, unless it stands alone; "" without one.

    It stands alone where none of its ``rivals`` and ``seconds`` has its words and at least
    ``_ENOUGH`` of the rivals agree on another title. Any may be empty. On 52 labelled pages one
    headline stands alone, and it is wrong.
    """
    votes: dict[str, list[str]] = {}
    for title in filter(None, rivals):
        votes.setdefault(_key(title), []).append(title)
    if not votes or not headline or _key(headline) in {*votes, *map(_key, seconds)}:
        return headline
    most = max(votes.values(), key=len)
    return most[0] if len(most) >= _ENOUGH else headline


def without_site(title: str, *, name: str, host: str) -> str:
    """``title`` without the name of its site behind it: as given, or as in ``host``."""
    start = title.removesuffix(name) if name else title
    if start and start != title and start.rstrip()[-1:] in _MARKS:
        return start.rstrip(" |–—-:·") or title
    suffix = _SUFFIX.search(title)
    named = suffix and "".join(_WORDS.findall(suffix["site"].lower()))
    return title[: suffix.start()] if suffix and named and named in host.replace("-", "") else title


def _key(title: str) -> str:
    return " ".join(_WORDS.findall(title.casefold())) or title
