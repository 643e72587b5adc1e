"""Records to JSON bytes and back: the only JSON of the line.

A schema breach and bad JSON are told apart, because they are different news for whoever produced
the message. Error texts name the field and never quote the value.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from pipeline.errors import Rejected
from pipeline.records.dead_letter import Reason

R = TypeVar("R", bound=msgspec.Struct)

_encoder = msgspec.json.Encoder()
_decoders: dict[type[msgspec.Struct], msgspec.json.Decoder[msgspec.Struct]] = {}


def encode(record: msgspec.Struct) -> bytes:
    """UTF-8 JSON. Raises Rejected(SCHEMA) for what JSON cannot carry (lone surrogates)."""
    try:
        return _encoder.encode(record)
    except (UnicodeEncodeError, msgspec.MsgspecError) as error:
        detail = f"cannot be written as JSON: {type(error).__name__}"
        raise Rejected(Reason.SCHEMA, detail) from error


def decode(data: bytes | None, record: type[R]) -> R:
    """Read one record.

    Raises Rejected: TOMBSTONE for None, UNDECODABLE for what is not UTF-8 JSON, SCHEMA for JSON of
    another shape or a record that breaks its own laws.
    """
    if data is None:
        raise Rejected(Reason.TOMBSTONE, "the message has no value")
    decoder = _decoders.setdefault(record, msgspec.json.Decoder(record))
    try:
        return decoder.decode(data)  # type: ignore[return-value]
    except msgspec.ValidationError as error:
        raise Rejected(Reason.SCHEMA, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected(Reason.UNDECODABLE, _without_payload(error)) from error


def _without_payload(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start}"
    return str(error) if isinstance(error, msgspec.DecodeError) else type(error).__name__
