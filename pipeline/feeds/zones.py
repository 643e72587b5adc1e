"""Time zones as people write them after a time."""

from __future__ import annotations

import re
from datetime import timedelta, timezone

# Hours from UTC. Where a name has several meanings, that of the most news: BST is British, CST and
# its like are American, IST is Indian. ET and its like leave the summer open: an hour's error at
# most.
_HOURS = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1,
    "MEZ": 1, "WAT": 1, "CEST": 2, "MEST": 2, "MESZ": 2, "EET": 2, "CAT": 2, "SAST": 2, "EEST": 3,
    "EAT": 3, "MSK": 3, "TRT": 3, "GST": 4, "PKT": 5, "IST": 5.5, "NPT": 5.75, "ICT": 7,
    "WIB": 7, "WITA": 8, "HKT": 8, "SGT": 8, "MYT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "WIT": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "NDT": -2.5, "NST": -3.5, "BRT": -3, "ART": -3, "ADT": -3, "AST": -4, "EDT": -4, "EST": -5,
    "ET": -5, "CDT": -5, "CST": -6, "CT": -6, "MDT": -6, "MST": -7, "MT": -7, "PDT": -7, "PST": -8,
    "PT": -8, "AKDT": -8, "AKST": -9, "HST": -10,
}  # fmt: skip
_AFTER_TIME = re.compile(
    r"(?P<time>\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\s*[ap]\.?m\b\.?)?)\s*"
    r"(?P<name>[a-z]{1,5}\b)?\s*(?:(?P<sign>[+\u2212-])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?)?"
    r"(?:\s+[a-z]{1,5}|\s*\([^()]*\))?(?P<year>\s+\d{4})?$",
    re.IGNORECASE | re.ASCII,
)


def without_zone(text: str) -> tuple[str, timezone | None]:
    """``text`` without the zone after its time, and that zone; as it is, and None, where none that
    is known stands there.

    Raises ValueError for an offset of a day and more.
    """
    match = _AFTER_TIME.search(text)
    offset = _offset(match) if match else None
    if match is None or offset is None:
        return text, None
    return text[: match.end("time")] + (match["year"] or ""), timezone(offset)


def _offset(match: re.Match[str]) -> timedelta | None:
    if match["sign"]:
        size = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        return size if match["sign"] == "+" else -size
    hours = _HOURS.get((match["name"] or "").upper())
    return None if hours is None else timedelta(hours=hours)
