"""Short made news: thirty to sixty words, with named speakers and what they said."""

from __future__ import annotations

import random

SOUGHT = "Zoë Lindqvist"
"""Whom the saved search looks for; she speaks in texts that are asked to quote her."""

_SPEAKERS = (
    ("Mayor", "Peter Hallam"),
    ("Senator", "Grace Okoro"),
    ("Minister", "Lucas Brandt"),
    ("Judge", "Helen Marsh"),
    ("Professor", "Daniel Weiss"),
    ("Governor", "Maria Santos"),
)
_SUBJECTS = ("bridge", "school", "hospital", "harbour", "library", "railway", "market", "theatre")
_TOWNS = ("Oxford", "Boston", "Chicago", "Dublin", "Leeds", "Toronto", "Denver", "Glasgow")
_PLANS = (
    "will open again before the summer",
    "needs repairs that the town cannot pay for",
    "has served its people for eighty years",
    "must not be closed without a vote",
    "will be sold to a private company",
    "is safer than it was ten years ago",
)
_REASONS = (
    "The council has debated the matter for three years without a decision",
    "Residents gathered near the old station and asked for a clear answer",
    "A report of last month had named several faults and a price for each",
    "The work had been put off twice because no company made an offer",
)


def made_text(chance: random.Random, *, sought: bool = False) -> str:
    """A text of three sentences, two of which say what somebody said."""
    role, name = ("Mayor", SOUGHT) if sought else chance.choice(_SPEAKERS)
    other_role, other = chance.choice([each for each in _SPEAKERS if each[1] != name])
    subject, town = chance.choice(_SUBJECTS), chance.choice(_TOWNS)
    days = chance.randint(2, 900)
    first, second = chance.sample(_PLANS, 2)
    return (
        f'"The {subject} {first}," {role} {name} said in {town} on Monday. '
        f"{chance.choice(_REASONS)}, and the debate now goes into day {days}. "
        f"{other_role} {other} said that the {subject} {second}."
    )


def marker(number: int, version: int) -> str:
    """What a title carries so that one version of one article can be told from all others."""
    return f"K{number}V{version}"


def title(of_marker: str, subject: str = "the town") -> str:
    """A headline with a marker."""
    return f"Report {of_marker} from {subject}"


def marker_in(text: str) -> str:
    """The marker of a title; empty where there is none."""
    return next((word for word in text.split() if _is_marker(word)), "")


def _is_marker(word: str) -> bool:
    number, letter, version = word.removeprefix("K").partition("V")
    return word.startswith("K") and letter == "V" and number.isdigit() and version.isdigit()
