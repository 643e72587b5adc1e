"""Spans: what a station did for one article, for whoever collects traces."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from pipeline.telemetry.trace import RandomBytes, TraceContext, child

Value = str | int | float


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Times are in nanoseconds since the epoch. ``failed`` says why the article was refused."""

    context: TraceContext
    name: str
    start: int
    end: int
    attributes: Mapping[str, Value]
    failed: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What a station did for one article, without its times: a batch has them in common."""

    context: TraceContext
    attributes: Mapping[str, Value]
    failed: str | None = None


class SpanExporter(Protocol):
    """Takes spans and returns at once; what cannot be delivered is lost, and holds up nothing."""

    def __call__(self, spans: Sequence[Span], /) -> None: ...


def export_nothing(spans: Sequence[Span]) -> None:
    """The :class:`SpanExporter` of a process that exports none."""


class Tracer:
    """Begins the spans of one process, and exports those that are sampled.

    ``share`` of the traces that begin here are sampled. ``clock`` gives nanoseconds since the
    epoch.
    """

    def __init__(
        self,
        export: SpanExporter = export_nothing,
        share: float = 1.0,
        *,
        random: RandomBytes = os.urandom,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._export = export
        self._share = share
        self._random = random
        self._clock = clock

    def now(self) -> int:
        """When steps begin."""
        return self._clock()

    def next(self, parent: TraceContext | None = None) -> TraceContext:
        """A span's place below ``parent``, or at the begin of a new trace."""
        return child(parent, self._random, self._share)

    def ended(self, name: str, started: int, steps: Iterable[Step]) -> None:
        """All these steps, called ``name``, end now."""
        end = self._clock()
        spans = [
            Span(
                context=step.context,
                name=name,
                start=started,
                end=end,
                attributes=step.attributes,
                failed=step.failed,
            )
            for step in steps
            if step.context.sampled
        ]
        if spans:
            self._export(spans)
