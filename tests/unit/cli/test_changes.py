"""Changes on a terminal."""

from __future__ import annotations

from pipeline.cli.changes import BESIDE, changed, said
from pipeline.search.diff import changes
from pipeline.search.revisions import Quote

LONG = "word " * BESIDE


def test_words_are_marked_without_colours_too() -> None:
    assert changed(changes("The bridge opens.", "The dam opens.")).plain == (
        "The [-bridge-]{+dam+} opens."
    )


def test_what_stayed_the_same_is_shown_beside_changes_only() -> None:
    text = changed(changes(f"{LONG}old {LONG}old {LONG}", f"{LONG}new {LONG}new {LONG}")).plain
    outer, inner = len("…") + BESIDE, 2 * BESIDE + len("…")
    assert len(text) == 2 * outer + 2 * len("[-old-]{+new+}") + inner
    assert text.startswith("…")
    assert text.endswith("…")


def test_a_title_is_shown_whole() -> None:
    assert changed(changes(LONG, LONG), whole=True).plain == LONG


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    assert "\x1b" not in changed(changes("a", "\x1b[31m b")).plain


def test_a_statement_is_told_with_its_speaker_and_cue() -> None:
    quote = Quote(
        id="s1", speaker="Ada\x1b Lind", speaker_text="she", cue="told", content="no",
        type="direct", negated=True, hypothetical=False,
    )  # fmt: skip
    assert said(quote).plain == "Ada  Lind not: told no"
