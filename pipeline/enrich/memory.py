"""Remembers what was found in texts, so that a copy of a text is not annotated again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from pipeline.enrich.text_input import Outcome, TextInput
from pipeline.records import Annotations


class Memory:
    """The annotations of the last ``limit`` distinct texts that were met."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[TextInput, Annotations] = OrderedDict()

    def known(self, texts: Iterable[TextInput]) -> dict[TextInput, Outcome]:
        """What is remembered of these."""
        return {text: self._kept[text] for text in texts if text in self._kept}

    def remember(self, outcomes: Mapping[TextInput, Outcome]) -> None:
        """Keep the annotations among these; a rejected text is tried again when it comes again."""
        for text, outcome in outcomes.items():
            if isinstance(outcome, Annotations):
                self._kept[text] = outcome
                self._kept.move_to_end(text)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
