"""What was changed in a text, paragraph by paragraph. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pipeline.search.diff import Change

BREAK = "¶"
"""Stands for line breaks that are all that was changed: they cannot be seen."""


def changed_paragraphs(changes: Iterable[Change]) -> list[list[Change]]:
    """Pieces of two texts in paragraphs. A line break of either text begins one; none is empty."""
    found: list[list[Change]] = [[]]
    for change in changes:
        first, *others = change.text.split("\n")
        if others and change.kind != "same" and change.text.isspace():
            first = BREAK
        found[-1].append(msgspec.structs.replace(change, text=first))
        found += [[msgspec.structs.replace(change, text=line)] for line in others]
    paragraphs = ([piece for piece in paragraph if piece.text] for paragraph in found)
    return [paragraph for paragraph in paragraphs if paragraph]
