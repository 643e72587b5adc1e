"""Which dead letters are meant: one table of filters for command line, API and page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from pipeline.records import Reason, Stage
from pipeline.search.request import parse_time

FILTERS: Mapping[str, str] = {
    "stage": "Refused where: feeds, enrich, index, alert.",
    "reason": "Refused why, such as schema or refused-by-index.",
    "since": "Refused then or later: 2026-05-17, 2026-05-17T12:00, 24h, 7d.",
    "until": "Refused before then; a day is meant whole.",
    "source": "A part of the name, domain or feed id of the source, or of the address.",
    "topic": "The topic that the message was read from.",
    "id": "One letter, by its id.",
}
"""The name and meaning of each. A letter is meant where all that are given fit."""


class LetterFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What :data:`FILTERS` say; None where nothing is said."""

    stage: Stage | None = None
    reason: Reason | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    topic: str | None = None
    id: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether all letters are meant."""
        return all(value is None for value in msgspec.structs.asdict(self).values())


def filter_of(words: Mapping[str, str | None], now: datetime) -> LetterFilter:
    """The filter that is asked for in words; empty ones are not asked for. Raises ValueError."""
    given: dict[str, object] = {name: text for name, text in words.items() if text and text.strip()}
    for name, end_of_day in (("since", False), ("until", True)):
        if name in given:
            given[name] = _time(name, str(given[name]), now, end_of_day=end_of_day)
    try:
        return msgspec.convert(given, LetterFilter)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$.")
        raise ValueError(f"{where.rstrip('`')}: {what[:1].lower()}{what[1:]}") from error


def _time(name: str, text: str, now: datetime, *, end_of_day: bool) -> datetime:
    try:
        return parse_time(text, now, end_of_day=end_of_day)
    except ValueError as error:
        raise ValueError(f"{name} is {error}") from error
