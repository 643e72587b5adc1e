"""docs/statements.md: what a statement is, each feature by an example that the rules have read.

``python -m tests.pages.statements`` writes the page; a test tells when it is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from pipeline import resources
from pipeline.enrich import Enricher, TextInput
from pipeline.records import Annotations, Statement
from pipeline.settings import load

PAGE = resources.root() / "docs" / "statements.md"

Annotate = Callable[[str], Annotations]


class Example(NamedTuple):
    """A feature: its heading, what it is, and a text that shows it."""

    heading: str
    words: str
    text: str


INTRODUCTION = """\
# Statements

A statement is one thing that someone said, with everything the text tells about it. All positions
are half-open character offsets of the article's text: `text[start:end]` is always the string beside
them. Each example below was read by the rules that are in this version; the page is written by
`make docs`, and a test fails when it no longer tells what the rules do.

"""

EXAMPLES = [
    Example(
        "Direct, indirect, mixed",
        "`type` tells how much of the content stands in quotation marks: all, none, or some of it.",
        "“The bridge is safe,” said Maria Lopez, the mayor. She said that it would open in May. "
        "Lopez said the delay was “a disgrace”.",
    ),
    Example(
        "Parts",
        "A quote that its cue interrupts is one statement with several `parts`.",
        "“The plan,” said Maria Lopez, “will cost jobs.”",
    ),
    Example(
        "A cue in the middle",
        "What is reported may stand on both sides of the words that attribute it.",
        "The bridge, Maria Lopez said on Monday, will open in May.",
    ),
    Example(
        "According to",
        "Prepositions attribute as verbs do.",
        "According to Maria Lopez, the bridge will open in May.",
    ),
    Example(
        "Floating quotes",
        "A quote without a cue is of whoever the text gave the word to; its `cue` is empty.",
        "“It is late,” said Maria Lopez. “We will open in May.”",
    ),
    Example(
        "Speakers",
        "Pronouns, descriptions and offices are led back to an entity of the article. A source "
        "without a name keeps the words of the text and is `unnamed`; where nobody is told to have "
        "spoken there is no speaker.",
        "Mayor Maria Lopez met the engineers. She said the bridge was old. Her office said it "
        "would open in May. Officials said the road was ready. Residents were told that it "
        "would rain.",
    ),
    Example(
        "Addressee and medium",
        "To whom, and how.",
        "Maria Lopez told Peter Hansen in a letter that the bridge was closed.",
    ),
    Example(
        "Thoughts",
        "`kind` is `thought` where the text tells what someone believes, wants, promises, asks of "
        "others, or is for or against; the content of an order or promise is its infinitive.",
        "Maria Lopez believes that the bridge is safe. She promised to repair it in May. "
        "She urged the council to pay for it. She opposes the new tunnel.",
    ),
    Example(
        "Nouns that attribute",
        "A claim, warning or promise has its words beside it.",
        "The union rejected the ministry’s claim that the bridge is safe.",
    ),
    Example(
        "Papers that speak",
        "Studies, polls and documents are sources.",
        "A study found that most bridges are safe.",
    ),
    Example(
        "Headlines",
        "A colon gives the word to who stands beside it.",
        "Mayor: no deal on the bridge",
    ),
    Example(
        "Not said",
        "A `negated` statement was not made. A denial is a statement of its own.",
        "Maria Lopez did not say whether the bridge was safe. She denied that it was closed.",
    ),
    Example(
        "Perhaps said",
        "A `hypothetical` statement might be made; nobody is told to have made it.",
        "If Maria Lopez says that the bridge is safe, it will open.",
    ),
    Example(
        "Statements within statements",
        "`reported_by` is the id of the statement that contains this one.",
        "Maria Lopez said the engineer had warned her that the bridge was old.",
    ),
]


def page(annotate: Annotate) -> str:
    """The whole page, as Markdown."""
    first = annotate(EXAMPLES[0].text).statements[0]
    return (
        INTRODUCTION
        + "\n".join(_section(example, annotate(example.text)) for example in EXAMPLES)
        + "\n## The record\n\nThe first statement of this page, whole:\n\n```json\n"
        + json.dumps(msgspec.to_builtins(first), ensure_ascii=False, indent=2)
        + "\n```\n"
    )


def _section(example: Example, found: Annotations) -> str:
    rows = "\n".join(_row(statement, example.text) for statement in found.statements)
    return (
        f"## {example.heading}\n\n{example.words}\n\n> {example.text}\n\n"
        "| id | speaker | cue | content | type | kind | and |\n|---|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _row(statement: Statement, text: str) -> str:
    speaker = statement.speaker
    who = "" if speaker is None else speaker.entity + (" (unnamed)" if speaker.unnamed else "")
    content = " … ".join(part.of(text) for part in statement.content.parts)
    cue = statement.cue.text if statement.cue else ""
    cells = [statement.id, who, cue, content, statement.type, statement.kind, _more(statement)]
    return f"| {' | '.join(cells)} |"


def _more(statement: Statement) -> str:
    named = ("addressee", "medium", "reported_by")
    told = [f"{name}: {getattr(statement, name)}" for name in named if getattr(statement, name)]
    flags = [name for name in ("negated", "hypothetical") if getattr(statement, name)]
    parts = ["two parts"] if len(statement.content.parts) > 1 else []
    return ", ".join([*told, *flags, *parts])


def main() -> None:
    """Write the page."""
    enricher = Enricher(load().enrich.models)

    def annotate(text: str) -> Annotations:
        outcome = enricher.annotate([TextInput(text, language="en")])[0]
        assert isinstance(outcome, Annotations), outcome
        return outcome

    PAGE.write_text(page(annotate), "utf-8")


if __name__ == "__main__":
    main()
