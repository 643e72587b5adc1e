"""How many refusals a station may make dead letters of: pure. Time is an argument, in seconds of
any clock that only goes forward.

A dead letter is the end of an input, so what is no fault of the input must not become one. One odd
document among good ones is its own fault; the same reason again and again is ours. Source of the
limit: DlqLimit of getsentry/arroyo.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from pipeline.errors import ConfigurationError
from pipeline.records import Blame, Reason, blame
from pipeline.records.dead_letter import OF_THE_TEXT
from pipeline.settings import DeadLetterSettings

LIMIT = "limit"
"""The cause of what is held only because there were too many before it."""

_SPANS = 60
_UNCLEAR_SHARE = 0.1


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``admitted`` are the places of what becomes a dead letter, ``held`` the cause of all else."""

    admitted: tuple[int, ...]
    held: dict[int, str]

    @property
    def cause(self) -> str | None:
        """What most of the held ones share."""
        shared = Counter(self.held.values()).most_common(1)
        return shared[0][0] if shared else None


@dataclass(slots=True)
class _Span:
    """What passed in a part of the window."""

    began: float
    ended: float
    letters: int = 0
    unclear: int = 0
    done: int = 0


class RefusalLimit:
    """Decides over the refusals of one station in this process.

    A reason of ours (:func:`pipeline.records.blame`) holds at once. One that is unclear holds when
    in the window there were ``unclear`` of that kind, and they are a tenth of all. Any others, and
    those, hold once ``limit`` became dead letters within the window. ``accept`` are the reasons
    that an operator lets through, however many. What the writer of a text may bring about holds for
    ``patience_seconds`` at most: a feed with a few such texts must not stop the news for good.
    """

    def __init__(self, settings: DeadLetterSettings) -> None:
        self._limit = settings.limit
        self._window = settings.window_seconds
        self._unclear = settings.unclear
        self._patience = settings.patience_seconds
        self._accepted = _reasons(settings.accept)
        self._spans: deque[_Span] = deque()

    def decide(
        self, refused: Sequence[Reason], done: int, now: float, waited: float = 0.0
    ) -> Verdict:
        """What becomes of refusals, in order, that have been held for ``waited`` seconds. ``done``
        messages went through beside them.

        What is held is to be tried again, and decided over again then.
        """
        span = self._span(now)
        span.done += done
        held = self._blamed_on_us(refused, self._accepted | self._outlasted(waited))
        room = self._limit - sum(each.letters for each in self._spans)
        admitted = []
        for place, reason in enumerate(refused):
            if place in held:
                continue
            if reason not in self._accepted:
                if room <= 0:
                    held[place] = LIMIT
                    continue
                room -= 1
                span.letters += 1
                span.unclear += blame(reason) is Blame.UNCLEAR
            admitted.append(place)
        return Verdict(admitted=tuple(admitted), held=held)

    def _outlasted(self, waited: float) -> frozenset[Reason]:
        return OF_THE_TEXT if waited >= self._patience else frozenset()

    def _blamed_on_us(
        self, refused: Sequence[Reason], excused: frozenset[Reason]
    ) -> dict[int, str]:
        blamed = {Blame.OURS}
        strict = [reason for reason in refused if reason not in excused]
        unclear = sum(blame(reason) is Blame.UNCLEAR for reason in strict)
        unclear += sum(each.unclear for each in self._spans)
        through = sum(each.done for each in self._spans)
        if unclear >= self._unclear and unclear > _UNCLEAR_SHARE * (unclear + through):
            blamed.add(Blame.UNCLEAR)
        return {
            place: reason.value
            for place, reason in enumerate(refused)
            if reason not in excused and blame(reason) in blamed
        }

    def _span(self, now: float) -> _Span:
        """The newest part of the window; older ones than the window are forgotten."""
        while self._spans and now - self._spans[0].ended >= self._window:
            self._spans.popleft()
        if not self._spans or now - self._spans[-1].began >= self._window / _SPANS:
            self._spans.append(_Span(began=now, ended=now))
        self._spans[-1].ended = now
        return self._spans[-1]


def _reasons(names: Sequence[str]) -> frozenset[Reason]:
    try:
        return frozenset(map(Reason, names))
    except ValueError as error:
        known = ", ".join(Reason)
        raise ConfigurationError(
            f"setting dead_letters.accept: {error}; the reasons are {known}"
        ) from error
