"""How times and numbers are said to people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.records import Origin
from pipeline.search.facets import Unit

_PERIODS: dict[str, str] = {
    "hour": "%d %b %Y, %H:00",
    "day": "%d %b %Y",
    "week": "week of %d %b %Y",
    "month": "%B %Y",
    "year": "%Y",
}
_AGES = (
    (timedelta(minutes=1), "just now", timedelta(0)),
    (timedelta(hours=1), "{} min ago", timedelta(minutes=1)),
    (timedelta(days=1), "{} h ago", timedelta(hours=1)),
    (timedelta(days=14), "{} d ago", timedelta(days=1)),
)
_ENTITY_TYPES = {
    "PERSON": "person", "PER": "person", "ORG": "organisation", "GPE": "place", "LOC": "place",
    "FAC": "building", "NORP": "group", "PRODUCT": "product", "EVENT": "event",
    "WORK_OF_ART": "work", "LAW": "law", "LANGUAGE": "language",
}  # fmt: skip
_WHOSE: dict[Origin, str] = {
    "own": "its publisher's feed",
    "page": "the page itself",
    "archive": "an archive",
}


def period_name(start: datetime, unit: Unit) -> str:
    """A period of a timeline."""
    return start.strftime(_PERIODS[unit])


def day_and_time(time: datetime) -> str:
    """In UTC, to the minute."""
    return time.astimezone(UTC).strftime("%d %b %Y, %H:%M UTC")


def machine_time(time: datetime) -> str:
    """For the ``datetime`` of a ``time`` element."""
    return time.astimezone(UTC).isoformat(timespec="seconds")


def age(time: datetime, now: datetime) -> str:
    """How long ago; the day where that is long."""
    passed = now - time
    for limit, text, unit in _AGES:
        if passed < limit:
            return text.format(int(passed / unit)) if unit else text
    return time.astimezone(UTC).strftime("%d %b %Y")


def number(value: int) -> str:
    """With a thin space between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def whose(origin: Origin | None) -> str:
    """Whose word something is; empty where nobody said."""
    return "" if origin is None else _WHOSE[origin]


def entity_type(label: str | None) -> str:
    """What kind of thing a label of the OntoNotes scheme is."""
    return _ENTITY_TYPES.get(label or "", (label or "").lower())
