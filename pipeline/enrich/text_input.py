"""What enrichment is given, and what it gives back for each text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import msgspec

from pipeline.errors import Rejected
from pipeline.records import Annotations


class TextInput(msgspec.Struct, frozen=True):
    """A text to annotate. The title is not annotated; it only helps to weigh what is."""

    text: str
    title: str = ""
    language: str | None = None


Outcome: TypeAlias = Annotations | Rejected


class Annotator(Protocol):
    """Annotates texts; one outcome for each, in order."""

    def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        """Never raises for what a text holds: that text's outcome is a Rejected."""
