"""What enrichment is given, and what it gives back for each text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from pipeline.errors import Rejected
from pipeline.records import Annotations


class TextInput(msgspec.Struct, frozen=True):
    """A text to annotate: all that its outcome depends on, so equal inputs have equal outcomes.

    The headline is not among it: see :func:`pipeline.enrich.salience.weigh`. Texts that differ in
    case or spacing are different here although they share a ``story_id``: their spans differ, and
    the model reads them differently.
    """

    text: str
    language: str | None = None


Outcome: TypeAlias = Annotations | Rejected
Annotate: TypeAlias = Callable[[list[TextInput]], Awaitable[list[Outcome]]]


class Annotator(Protocol):
    """Annotates texts; one outcome for each, in order."""

    def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        """Never raises for what a text holds: that text's outcome is a Rejected."""
