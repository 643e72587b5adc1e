"""What stands above the entries of an XML feed about when and how to ask for it.

Sources: the RSS 2.0 specification (ttl, skipHours, skipDays), the RSS 1.0 syndication module
(updatePeriod, updateFrequency), WebSub section 4 (links to the hub and to the feed itself).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from pipeline.feeds.raw import Hints
from pipeline.feeds.xml_names import local_name

_HEAD = 16_384  # bytes: what is said further down is not heard
HUBS_LIMIT = 5
_LONGEST = 527_040  # minutes: a year
_FIRST_ENTRY = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>/]")
_WORTH_READING = re.compile(rb"ttl>|updateP|skip[HD]|hub|self")
_WHOLE_NUMBER = re.compile(r"\d{1,6}")
_PERIODS = {
    "hourly": 3_600.0,
    "daily": 86_400.0,
    "weekly": 604_800.0,
    "monthly": 2_629_800.0,
    "yearly": 31_557_600.0,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_hints(data: bytes) -> Hints:
    """Read them from the head of the document, leniently: what cannot be understood is not there.

    Raises nothing.
    """
    first = _FIRST_ENTRY.search(data, 0, _HEAD)
    head = data[: first.start() if first else _HEAD]
    if not _WORTH_READING.search(head):
        return Hints()
    try:
        root = etree.fromstring(head, _parser())
        return Hints() if root is None else _hints(root)
    except (etree.XMLSyntaxError, ValueError, LookupError):  # bytes of no encoding included
        return Hints()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)


def _hints(root: etree._Element) -> Hints:
    links = list(_links(root))
    hubs = dict.fromkeys(href for relation, href in links if relation == "hub")
    ttl = _number(_first(root, "ttl"), most=_LONGEST)
    return Hints(
        ttl_minutes=ttl or None,
        update_seconds=_update_seconds(root),
        skip_hours=_skip_hours(root),
        skip_days=_skip_days(root),
        hubs=tuple(hubs)[:HUBS_LIMIT],
        self_link=next((href for relation, href in links if relation == "self"), ""),
    )


def _update_seconds(root: etree._Element) -> float | None:
    period = _PERIODS.get(_first(root, "updatePeriod").lower())
    if period is None:
        return None
    return period / (_number(_first(root, "updateFrequency"), most=10_000) or 1)


def _skip_hours(root: etree._Element) -> tuple[int, ...]:
    hours = (_number(text, most=24) for text in _texts(root, "hour", within="skipHours"))
    return tuple(sorted({hour % 24 for hour in hours if hour is not None}))


def _skip_days(root: etree._Element) -> tuple[int, ...]:
    days = {text.lower() for text in _texts(root, "day", within="skipDays")}
    return tuple(number for number, day in enumerate(_DAYS) if day in days)


def _links(root: etree._Element) -> Iterator[tuple[str, str]]:
    for element in root.iter("{*}link"):
        href = (element.get("href") or "").strip()
        for relation in (element.get("rel") or "").lower().split():
            if href:
                yield relation, href


def _first(root: etree._Element, name: str) -> str:
    return next(_texts(root, name), "")


def _texts(root: etree._Element, name: str, *, within: str | None = None) -> Iterator[str]:
    for element in root.iter(f"{{*}}{name}"):
        parent = element.getparent()
        if within is None or (parent is not None and local_name(parent) == within):
            yield (element.text or "").strip()


def _number(text: str, *, most: int) -> int | None:
    number = int(text) if _WHOLE_NUMBER.fullmatch(text) else None
    return number if number is not None and number <= most else None
