"""Changes of a text for a terminal, as wdiff writes them, with colours where there are some."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from pipeline.cli.tables import cue_words, printable
from pipeline.search.diff import Change
from pipeline.search.revisions import Quote

BESIDE = 80
"""Characters that are shown of what stayed the same, on either side of a change."""


def changed(changes: Sequence[Change], *, whole: bool = False) -> Text:
    """All that changed, and what stands around it; all of that where ``whole``."""
    text = Text()
    for place, change in enumerate(changes):
        words = printable(change.text)
        if change.kind == "deleted":
            text.append(f"[-{words}-]", style="red strike")
        elif change.kind == "inserted":
            text.append(f"{{+{words}+}}", style="green")
        else:
            ends = place == 0, place == len(changes) - 1
            text.append(words if whole else shortened(words, first=ends[0], last=ends[1]))
    return text


def shortened(words: str, *, first: bool, last: bool) -> str:
    """What stands beside changes: without its middle, or its outer end where it is ``first`` or
    ``last`` of a text."""
    before = 0 if first else BESIDE
    after = 0 if last else BESIDE
    if len(words) <= before + after + 1:
        return words
    return f"{words[:before]}…{words[len(words) - after :]}"


def said(quote: Quote) -> Text:
    """A statement in a line."""
    cue = cue_words(quote.cue, negated=quote.negated, hypothetical=quote.hypothetical)
    text = Text(printable(quote.speaker or "?"), style="bold")
    return text.append(f" {cue}", style="not bold dim").append(printable(quote.content), "not bold")
