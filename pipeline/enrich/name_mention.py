"""A name where a text has it."""

from __future__ import annotations

from dataclasses import dataclass

# What makes an owner of a name: "Leeds’s".
POSSESSIVE = frozenset({"’s", "'s"})


@dataclass(frozen=True, slots=True)
class NameMention:
    """Tokens ``first`` to ``last``, both included. ``honorific`` is the gender its honorific tells
    (male, female, unknown), None without one."""

    first: int
    last: int
    label: str
    honorific: str | None = None
