"""Changes to bytes, the same for the same random numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

_HOW_MANY = (1, 1, 1, 2, 2, 3, 5)  # changes
_LONGEST_SLICE = 64
_AMPLIFIED = 1 / 200  # of all inputs: long ones take most of the time
_NUMBER = re.compile(rb"\d+")
_TOKENS = tuple(
    each if isinstance(each, bytes) else each.encode("utf-8", "surrogatepass")
    for each in (
        "\0", "\n", "\r\n", "\t", " ", "\x0b", "\x1b[2J", "\x1f", "\x7f", "\x85", "\xa0", "\xad",
        "\u0301", "\u061c", "\u200b", "\u200d", "\u2028", "\u202e", "\ufeff", "\uffff", "\ud800",
        "\udfff", "\U000e0041", "\u0663", "²", "①", "İ", "ß", "ﬁ", "日本", "🙂", "é", "“", "’", "…",
        b"\xff", b"\xc3", b"\xfe\xff", b"\x80", '"', "'", "<", ">", "&", "&#", "&lt;", ";", ",",
        ":", "=", "%", "%00", "%ff", "%2f", "\\", "/", "//", "..", "-", "+", "*", "|", "(", ")",
        "[", "]", "{", "}", "{}", "[]", "null", "true", "#", "?", "@", "\x1e", "http://", "//[::1]",
    )
)  # fmt: skip
_NUMBERS = (
    b"0", b"-1", b"1", b"-0", b"00", b"1.5", b"1e999", b"-1e308", b"NaN", b"inf", b"Infinity",
    b"2147483648", b"9007199254740993", b"9223372036854775807", b"9223372036854775808", b"9" * 40,
    b"0001", b"9999", b"24", b"60", b"99", "\u0661".encode(), "\u00b2".encode(),
)  # fmt: skip
_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 2**63, 2**64, "", " ", "\ud800", "\0", "\u2028",
    "x" * 999, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-01T12:00:00Z", [],
    {}, [[]], [None], {"": None},
)  # fmt: skip

T = TypeVar("T")
Change = Callable[[Random, bytes, Sequence[bytes]], bytes]


class Mutator:
    """Makes inputs of inputs. ``tokens`` are words of the format."""

    def __init__(self, chosen: Random, tokens: Sequence[bytes], longest: int) -> None:
        self._chosen = chosen
        self._tokens = (*tokens, *tokens, *_TOKENS) if tokens else _TOKENS
        self._longest = longest

    def mutated(self, pool: Sequence[bytes]) -> bytes:
        """One of ``pool`` with some changes."""
        chosen = self._chosen
        data = _one(chosen, pool)
        if data[:1] in b"{[" and data and chosen.random() < 0.5:
            data = _json_changed(chosen, data)
        for _ in range(_one(chosen, _HOW_MANY)):
            data = _one(chosen, _CHANGES)(chosen, data, self._tokens)
        if chosen.random() < 0.05:
            data = _spliced(chosen, data, _one(chosen, pool))
        if chosen.random() < _AMPLIFIED:
            data = _amplified(chosen, data, self._longest)
        return data[: self._longest]


def _one(chosen: Random, values: Sequence[T]) -> T:
    """As ``Random.choice`` in a third of its time, which is most of the time of a quick target."""
    return values[int(chosen.random() * len(values))]


def _place(chosen: Random, data: bytes) -> int:
    return int(chosen.random() * (len(data) + 1))


def _slice(chosen: Random, data: bytes) -> tuple[int, int]:
    start = _place(chosen, data)
    return start, start + 1 + int(chosen.random() ** 3 * _LONGEST_SLICE)


def _byte_changed(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(chosen, data)
    return data[:at] + bytes((int(chosen.random() * 256),)) + data[at + 1 :]


def _bit_changed(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = _place(chosen, data)
    if at == len(data):
        return data
    return data[:at] + bytes((data[at] ^ 1 << chosen.randrange(8),)) + data[at + 1 :]


def _token_inserted(chosen: Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
    at = _place(chosen, data)
    return data[:at] + _one(chosen, tokens) + data[at:]


def _token_over(chosen: Random, data: bytes, tokens: Sequence[bytes]) -> bytes:
    start, end = _slice(chosen, data)
    return data[:start] + _one(chosen, tokens) + data[end:]


def _cut_out(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _slice(chosen, data)
    return data[:start] + data[end:]


def _cut_off(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: _place(chosen, data)] if chosen.random() < 0.3 else data


def _doubled(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _slice(chosen, data)
    at = _place(chosen, data)
    return data[:at] + data[start:end] + data[at:]


def _number_changed(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    found = list(_NUMBER.finditer(data[:4_000]))
    if not found:
        return data
    number = _one(chosen, found)
    return data[: number.start()] + _one(chosen, _NUMBERS) + data[number.end() :]


def _case_changed(chosen: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _slice(chosen, data)
    return data[:start] + data[start:end].swapcase() + data[end:]


_CHANGES: tuple[Change, ...] = (
    _byte_changed, _bit_changed, _token_inserted, _token_inserted, _token_over, _token_over,
    _cut_out, _cut_off, _doubled, _number_changed, _case_changed,
)  # fmt: skip


def _spliced(chosen: Random, data: bytes, other: bytes) -> bytes:
    return data[: _place(chosen, data)] + other[_place(chosen, other) :]


def _amplified(chosen: Random, data: bytes, longest: int) -> bytes:
    """A slice many times: what takes quadratic time shows itself."""
    start, end = _slice(chosen, data)
    piece = data[start:end] or b"a"
    times = int(chosen.random() * longest) // len(piece)
    return data[:start] + piece * times + data[end:]


def _json_changed(chosen: Random, data: bytes) -> bytes:
    """A value somewhere in a JSON document replaced by an odd one, or by one from elsewhere."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places = list(_places(document))
    if not places:
        return data
    holder, key = _one(chosen, places)
    other, other_key = _one(chosen, places)
    holder[key] = _one(chosen, _ODD_VALUES) if chosen.random() < 0.7 else other[other_key]
    try:
        return json.dumps(document).encode()
    except (ValueError, RecursionError):  # it now holds itself
        return data


def _places(document: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    level = [document]
    while level and len(found) < 5_000:
        value = level.pop()
        if isinstance(value, dict | list):
            keys = value if isinstance(value, dict) else range(len(value))
            found += ((value, key) for key in keys)
            level += (value[key] for key in keys)
    return found
