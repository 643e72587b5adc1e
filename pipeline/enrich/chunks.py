"""Sharing texts out to processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

TEXTS_PER_CHUNK = 8
CHARS_PER_CHUNK = 64_000


def chunks(items: Sequence[T], sizes: Sequence[int], processes: int) -> list[list[T]]:
    """Consecutive chunks of about equal size, at least one for each process where there is enough.

    A chunk holds at most 8 items and, unless it is one larger item, 64,000 characters.
    """
    limit = min(CHARS_PER_CHUNK, -(-sum(sizes) // max(1, processes)))
    shares: list[list[T]] = []
    size = 0
    for item, item_size in zip(items, sizes, strict=True):
        if not shares or len(shares[-1]) == TEXTS_PER_CHUNK or size + item_size > limit:
            shares.append([])
            size = 0
        shares[-1].append(item)
        size += item_size
    return shares
