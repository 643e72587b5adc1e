"""How indices and their aliases are called: pure.

An index is read through the alias of its kind (``news-articles``) and written through one of its
own (``news-articles-2026.11-Write``). Only :mod:`provision` makes write aliases, and only for
indices with our mappings. An index can have no such name: Elasticsearch allows capitals in aliases
alone. So where an index of ours is missing, a write is refused, and never makes one that guesses
its mappings and that no search finds. (``require_alias`` alone would not do: deletions that carry a
version make an index all the same.)
"""

from __future__ import annotations

import re

from pipeline.index.periods import PATTERN

_WRITE = "-Write"
_MENDING = "mending-"
ALL = "all"
"""The end of the name of an index that is not one of a month."""


def write_alias(index: str) -> str:
    """The alias through which an index is written."""
    return f"{index}{_WRITE}"


def mending(index: str) -> str:
    """What holds the documents of an index while it is mended: nothing is written to it then."""
    return f"{_MENDING}{index}"


def homes_index(alias: str) -> str:
    """The one index behind the alias of the homes."""
    return f"{alias}-{ALL}"


def is_named(name: str, alias: str) -> bool:
    """Whether an index of this name belongs behind ``alias``."""
    pattern = rf"{re.escape(alias)}-({PATTERN}|{ALL})"
    return re.fullmatch(pattern, name) is not None
