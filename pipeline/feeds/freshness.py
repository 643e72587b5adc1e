"""How long a server asks to be left alone. Pure. Source: RFC 9111, sections 4.2 and 5.2."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")
_AGE = re.compile(r"\d{1,9}")


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """For how long a response stays fresh by its Cache-Control or Expires; None where it does not
    say, or says that it may not be kept.

    ``headers`` are looked up as aiohttp does, in any case of letters.
    """
    control = headers.get("Cache-Control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    age = _MAX_AGE.search(control)
    if age is not None:
        return max(timedelta(seconds=int(age[1])) - _aged(headers), timedelta(0)) or None
    if not headers.get("Expires"):
        return None
    try:
        sent = http_date(headers["Date"]) if headers.get("Date") else now
        until = http_date(headers["Expires"])
    except ValueError:  # "0" and "-1" are common, and mean that it is stale already
        return None
    return until - sent if until > sent else None


def _aged(headers: Mapping[str, str]) -> timedelta:
    """How long a cache on the way has had it."""
    age = _AGE.fullmatch(headers.get("Age", "").strip())
    return timedelta(seconds=int(age[0])) if age else timedelta(0)


def http_date(value: str) -> datetime:
    """A date of a header, which is in GMT, whether it says so or not. Raises ValueError."""
    try:
        time: datetime = parsedate_to_datetime(value)
    except OverflowError as error:  # a number of any length stands for a year, or a zone
        raise ValueError("no date") from error
    return time.replace(tzinfo=time.tzinfo or UTC)
