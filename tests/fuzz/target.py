"""What is fuzzed: a function of bytes, what it may raise, and what to begin with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

SEPARATOR = b"\x1e"
"""Between the parts of an input, where a function takes several."""


class Target(NamedTuple):
    """``run`` raises AssertionError where a law is broken, and returns what tells one kind of
    outcome from another: inputs with a new one are mutated further.

    ``tokens`` are words of the format, for the mutator. ``longest`` bounds the inputs in bytes.
    """

    name: str
    run: Callable[[bytes], Hashable]
    seeds: Callable[[], Sequence[bytes]]
    may_raise: tuple[type[BaseException], ...] = ()
    tokens: Sequence[bytes] = ()
    longest: int = 100_000


def seeds(*given: str | bytes) -> Callable[[], Sequence[bytes]]:
    """Seeds as they stand."""
    data = [each.encode() if isinstance(each, str) else each for each in given]
    return lambda: data


def parts(data: bytes, count: int) -> list[bytes]:
    """``count`` parts of an input; those that it does not have are empty."""
    found = data.split(SEPARATOR, count - 1)
    return found + [b""] * (count - len(found))


def joined(*given: str | bytes) -> bytes:
    """Parts as an input."""
    return SEPARATOR.join(each.encode() if isinstance(each, str) else each for each in given)


def text_of(data: bytes) -> str:
    """Any bytes as a text; it may hold lone surrogates, as texts from outside do."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


def texts(data: bytes, count: int) -> list[str]:
    """The parts of an input as texts."""
    return [text_of(each) for each in parts(data, count)]
