"""What someone asks for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from pipeline.records.annotations import StatementKind, StatementType

MAX_CHARS = 1_000
MAX_LIMIT = 1_000
DEFAULT_LIMIT = 20


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A search among articles or statements. All that is given has to hold.

    ``text`` is words, "quoted phrases", ``-not``, ``one | other``, ``prefix*``. ``speaker`` and
    ``entity`` are names or parts of names, in any case and without regard to accents. ``source`` is
    a source's name or domain. Published from ``since`` on and before ``until``. ``type`` and
    ``kind`` are for statements only. ``stories`` is for articles only: each story is found once.
    Raises ValueError naming what is out of bounds.
    """

    text: str = ""
    speaker: str | None = None
    entity: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    type: StatementType | None = None
    kind: StatementKind | None = None
    limit: int = DEFAULT_LIMIT
    stories: bool = False

    def __post_init__(self) -> None:
        for name in ("text", "speaker", "entity", "source"):
            if len(getattr(self, name) or "") > MAX_CHARS:
                raise ValueError(f"{name} has more than {MAX_CHARS} characters")
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit is not between 1 and {MAX_LIMIT}")
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since is not before until")


_AGO = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_time(text: str, now: datetime, *, end_of_day: bool = False) -> datetime:
    """A moment: ISO 8601 (``2024-05-17``, ``2024-05-17T12:00+02:00``) or so long ago (``30m``,
    ``24h``, ``7d``, ``2w``).

    Without a zone it is UTC. A date alone is its beginning, or with ``end_of_day`` the beginning of
    the next. Raises ValueError for anything else.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return _iso(text.strip(), end_of_day=end_of_day)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            "not a time; write 2024-05-17, 2024-05-17T12:00 (UTC), or 24h, 7d, 2w for so long ago"
        ) from error


def _iso(text: str, *, end_of_day: bool) -> datetime:
    if len(text) == len("2024-05-17"):
        day = date.fromisoformat(text) + timedelta(days=1 if end_of_day else 0)
        return datetime.combine(day, time(), tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    # In UTC at once: what has no place in its years is refused here.
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
