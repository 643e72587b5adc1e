"""A search as words: what the command line, an address and a saved search have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from pipeline.search.request import InvalidSearch, SearchRequest, check_text, parse_time

_TIMES = {"since": False, "until": True}
_OWN_PAGE = ("limit", "after")


def request_of(asked: Mapping[str, str], now: datetime, **others: Any) -> SearchRequest:
    """The request that is asked for, each name a field of :class:`SearchRequest`; empty ones are
    not asked for. Times are as in :func:`parse_time`, counted from ``now``. ``others`` are fields
    as they are.

    Raises InvalidSearch for a name that there is not, and for a value that is out of bounds.
    """
    given = {name: value for name, value in asked.items() if value.strip()}
    unknown = sorted(given.keys() - set(SearchRequest.__struct_fields__))
    if unknown:
        check_text("a name", unknown[0])
        raise InvalidSearch(f"there is no {unknown[0]} to search by")
    for name, text in given.items():
        check_text(name, text)
    times = {name: _time(given.pop(name), name, now) for name in _TIMES if name in given}
    try:
        return msgspec.convert({**given, **times, **others}, SearchRequest, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSearch(_reason(error)) from error


def words_of(request: Mapping[str, str]) -> dict[str, str]:
    """What a saved search keeps of what was asked: no page of it."""
    return {name: value for name, value in request.items() if value and name not in _OWN_PAGE}


def _time(text: str, name: str, now: datetime) -> datetime:
    try:
        return parse_time(text, now, end_of_day=_TIMES[name])
    except ValueError as error:
        raise InvalidSearch(f"{name} is {error}") from error


def _reason(error: msgspec.ValidationError) -> str:
    """``Invalid enum value 'x' - at `$.type``` as ``type: invalid enum value 'x'``."""
    what, _, where = str(error).partition(" - at `$.")
    name = where.rstrip("`")
    return f"{name}: {what[:1].lower()}{what[1:]}" if name else what
