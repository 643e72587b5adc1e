"""Where a page of hits ended, as a text that can be handed back to go on from there."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

import msgspec

from pipeline.search.request import InvalidSearch

SortValue = str | int | float


def cursor_of(values: Sequence[SortValue]) -> str:
    """The sort values of the last hit, as URL-safe text."""
    return urlsafe_b64encode(msgspec.json.encode(list(values))).decode().rstrip("=")


def sort_values(cursor: str, kinds: Sequence[type]) -> list[SortValue]:
    """What :func:`cursor_of` was made of.

    Raises InvalidSearch unless it holds one value for each sort key, of its kind: the cursor of
    another search, or none at all.
    """
    try:
        values = _decoder.decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (msgspec.MsgspecError, binascii.Error, ValueError) as error:
        raise InvalidSearch("the cursor is none that a search gave") from error
    if len(values) != len(kinds) or not all(map(_is, values, kinds)):
        raise InvalidSearch("the cursor is that of another search")
    return values


_decoder = msgspec.json.Decoder(list[SortValue])


def _is(value: SortValue, kind: type) -> bool:
    return isinstance(value, (int, float) if kind is float else kind)
