"""W3C Trace Context: which trace a message belongs to, and whose work led to it. Pure.

Source: W3C Trace Context Level 1, sections 3.2 and 4.3. The header ``traceparent`` travels with
each message; ``tracestate``, which belongs to the tools of others, does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

TRACEPARENT = "traceparent"

_HEADER = re.compile(
    rb"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
    rb"(?P<more>-[\x20-\x7e]*)?"
)
_SAMPLED = 0x01

RandomBytes = Callable[[int], bytes]
"""As many random bytes as asked for, such as ``os.urandom``."""


class TraceContext(msgspec.Struct, frozen=True):
    """One span of a trace: 32 and 16 lower-case hexadecimal digits, neither all zero.

    ``sampled`` says that who can is to record it. ``parent_id`` is the span that led to this one;
    it does not travel.
    """

    trace_id: str
    span_id: str
    sampled: bool = True
    parent_id: str | None = None

    def header(self) -> tuple[str, bytes]:
        """The header of a message that this span sends."""
        flags = "01" if self.sampled else "00"
        return TRACEPARENT, f"00-{self.trace_id}-{self.span_id}-{flags}".encode()


def parse(value: bytes) -> TraceContext | None:
    """The context that a header's value states; None for what the standard calls invalid.

    A version to come may have more behind a dash; its first four parts are read as ours.
    """
    found = _HEADER.fullmatch(value) if len(value) <= 512 else None
    if found is None or found["version"] == b"ff":
        return None
    if found["version"] == b"00" and found["more"] is not None:
        return None
    if not int(found["trace"], 16) or not int(found["span"], 16):
        return None
    sampled = bool(int(found["flags"], 16) & _SAMPLED)
    return TraceContext(found["trace"].decode(), found["span"].decode(), sampled)


def in_headers(headers: Iterable[tuple[str, bytes | None]]) -> TraceContext | None:
    """The context of a message. None where there is no header, or more than one."""
    values = [value for name, value in headers if name.lower() == TRACEPARENT]
    return parse(values[0] or b"") if len(values) == 1 else None


def new_trace(random: RandomBytes, share: float = 1.0) -> TraceContext:
    """The first span of a trace, sampled for a ``share`` (0 to 1) of all traces.

    By the trace's id, as OpenTelemetry's TraceIdRatioBased does it: whoever knows the id agrees.
    """
    trace_id = _id(random, 16)
    sampled = int(trace_id[16:], 16) < round(share * (1 << 64))
    return TraceContext(trace_id, _id(random, 8), sampled)


def child(parent: TraceContext | None, random: RandomBytes, share: float = 1.0) -> TraceContext:
    """The next span of a trace, or the first of a new one where there is no parent."""
    if parent is None:
        return new_trace(random, share)
    return TraceContext(parent.trace_id, _id(random, 8), parent.sampled, parent.span_id)


def _id(random: RandomBytes, size: int) -> str:
    """Hexadecimal digits of ``size`` bytes, not all zero."""
    number = int.from_bytes(random(size), "big") or 1
    return f"{number:0{2 * size}x}"
