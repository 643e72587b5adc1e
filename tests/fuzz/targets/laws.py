"""What must hold of many results."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from pipeline.feeds.canonical import parse_url
from pipeline.feeds.text import clean_text
from pipeline.records import decode, encode

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def is_json(value: Any) -> bytes:
    """It can be written as UTF-8 JSON, which has no place for lone surrogates."""
    return msgspec.json.encode(value)


def survives(record: R) -> R:
    """What is published is what is read."""
    again = decode(encode(record), type(record))
    assert again == record, f"a {type(record).__name__} comes back as another"
    return again


def is_clean(text: str) -> None:
    """It is as ``clean_text`` leaves it."""
    assert clean_text(text) == text, f"not clean: {text[:80]!r}"


def is_line(text: str, limit: int) -> None:
    """One line without controls, of at most so many characters."""
    assert len(text) <= limit, f"{len(text)} characters of {limit}"
    assert "\n" not in text
    assert not _CONTROL.search(text), f"controls in {text[:80]!r}"
    is_json(text)


def is_address(url: str | None) -> None:
    """An http(s) address in ASCII, or none."""
    if url is not None:
        assert url.isascii(), f"not ASCII: {url[:80]!r}"
        assert url.isprintable(), f"controls in {url[:80]!r}"
        assert " " not in url
        assert parse_url(url) is not None, f"no address: {url[:80]!r}"


def is_time(time: datetime | None) -> None:
    """Aware, and a time in UTC as well; or none."""
    if time is not None:
        offset = time.utcoffset()
        assert offset is not None
        assert abs(offset) <= timedelta(hours=14)
        is_json(time)


def at_once(running: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        running.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("it waits")
