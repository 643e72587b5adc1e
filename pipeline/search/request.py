"""What someone asks for."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from pipeline.records.annotations import StatementKind, StatementType
from pipeline.search.cost import too_costly

MAX_CHARS = 1_000
MAX_LIMIT = 1_000
DEFAULT_LIMIT = 20

Order: TypeAlias = Literal["relevance", "newest", "oldest"]

_TEXTS = (
    "text", "speaker", "entity", "role", "source", "country", "language", "story", "feed",
    "entity_type", "cell", "after",
)  # fmt: skip


class InvalidSearch(ValueError):
    """What is asked for cannot be searched for; the message says what, for people."""


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A search among articles or statements. All that is given has to hold.

    ``text`` is words, "quoted phrases", ``-not``, ``one | other``, ``prefix*``, within
    what :mod:`cost` allows. ``speaker`` and
    ``entity`` are names or parts of names, in any case and without regard to accents, ``role`` is
    words of a role. ``source`` is a source's name or domain, ``country`` the code of its country
    (ISO 3166-1 alpha-2), ``language`` that of the text (ISO 639-1), ``story`` and ``feed`` are ids.
    Published from ``since`` on and before ``until``.

    ``entity_type`` is an OntoNotes label: of the speaker of a statement, or of any entity of an
    article. ``type``, ``kind`` and ``asserted`` (without what nobody is told to have said) are for
    statements only; ``stories`` (each story is found once) and ``cell`` (a cell of the map as
    zoom/x/y, in which a place lies that is named) for articles only.

    ``order`` is by relevance where there are words, newest first where not, unless told. ``after``
    is the cursor of an earlier page of the same search. Raises InvalidSearch naming what is out of
    bounds.
    """

    text: str = ""
    speaker: str | None = None
    entity: str | None = None
    role: str | None = None
    source: str | None = None
    country: str | None = None
    language: str | None = None
    story: str | None = None
    feed: str | None = None
    entity_type: str | None = None
    cell: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    type: StatementType | None = None
    kind: StatementKind | None = None
    asserted: bool = False
    limit: int = DEFAULT_LIMIT
    stories: bool = False
    order: Order | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        for name in _TEXTS:
            check_text(name, getattr(self, name) or "")
            if len(getattr(self, name) or "") > MAX_CHARS:
                raise InvalidSearch(f"{name} has more than {MAX_CHARS} characters")
        if why := too_costly(self.text):
            raise InvalidSearch(why)
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidSearch(f"limit is not between 1 and {MAX_LIMIT}")
        if self.cell:
            parse_cell(self.cell)
        if self.since and self.until and self.since >= self.until:
            raise InvalidSearch("since is not before until")
        if self.stories and self.after:
            raise InvalidSearch("stories cannot be paged; ask for more of them at once")

    @property
    def ordered_by(self) -> Order:
        """The order in which hits come."""
        return self.order or ("relevance" if self.text.strip() else "newest")


def check_text(name: str, text: str) -> None:
    """Raise InvalidSearch for what no encoding can write: half of a pair of surrogates, which is
    what a terminal of another encoding makes of its letters."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidSearch(f"{name} is not in UTF-8") from error


class Cell(NamedTuple):
    """A cell of a map in Web Mercator; at zoom 0 there is one, each step quarters them."""

    zoom: int
    x: int
    y: int


MAX_ZOOM = 12


def parse_cell(text: str) -> Cell:
    """``zoom/x/y``. Raises InvalidSearch for what is none."""
    numbers = text.split("/")
    if len(numbers) == 3 and all(each.isascii() and each.isdigit() for each in numbers):
        zoom, x, y = (int(each[:6]) for each in numbers)
        if zoom <= MAX_ZOOM and max(x, y) < 2**zoom:
            return Cell(zoom, x, y)
    raise InvalidSearch("cell is no zoom/x/y of a map")


_AGO = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_time(text: str, now: datetime, *, end_of_day: bool = False) -> datetime:
    """A moment: ISO 8601 (``2024-05-17``, ``2024-05-17T12:00+02:00``) or so long ago (``30m``,
    ``24h``, ``7d``, ``2w``).

    Without a zone it is UTC. A date alone is its beginning, or with ``end_of_day`` the beginning of
    the next. Raises InvalidSearch for anything else.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return _iso(text.strip(), end_of_day=end_of_day)
    except (ValueError, OverflowError) as error:
        raise InvalidSearch(
            "not a time; write 2024-05-17, 2024-05-17T12:00 (UTC), or 24h, 7d, 2w for so long ago"
        ) from error


def _iso(text: str, *, end_of_day: bool) -> datetime:
    if len(text) == len("2024-05-17"):
        day = date.fromisoformat(text) + timedelta(days=1 if end_of_day else 0)
        return datetime.combine(day, time(), tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    # In UTC at once: what has no place in its years is refused here.
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
