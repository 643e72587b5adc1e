"""A parsed text as plain lists, read out of spaCy once.

The rules go over these lists: an attribute of a spaCy token costs many times a list look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc

# Marks the model has hardly seen are shown to it as ones it knows; lengths stay, so offsets hold.
_FAMILIAR = str.maketrans(
    {
        "«": "“",
        "»": "”",
        "„": "“",
        "‟": "“",
        "‹": "‘",
        "›": "’",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NARROW NO-BREAK SPACE}": " ",
    }
)
# Two single marks for a double one: the second half is shown as space, beside the word or the stop.
_DOUBLED_OPENING = re.compile(r"(?<!\S)(?:``|[‘’']{2})(?=\w)")
_DOUBLED_CLOSING = re.compile(r"(?<=[\w.,!?…])[‘’']{2}(?!\w)")
_LONG_WORD = re.compile(r"\S{200,}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text as the model is shown it, of the same length.

    A word of 200 characters or more is no word, and the tokenizer's time grows with its square;
    only its first 100 are shown. Lone surrogates cannot be shown at all.
    """
    shown = _SURROGATE.sub("?", text.translate(_FAMILIAR))
    shown = _DOUBLED_CLOSING.sub("” ", _DOUBLED_OPENING.sub(" “", shown))
    return _LONG_WORD.sub(lambda m: m[0][:100] + " " * (len(m[0]) - 100), shown)


@dataclass(frozen=True, slots=True)
class Name:
    """A named entity as the model found it: tokens ``start`` to ``end``, half-open."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Parse:
    """One text. All lists have one item for each token; positions in ``text`` are characters.

    ``subjects`` are each verb's, in text order. ``left`` and ``right`` are the first and the last
    token of each token's subtree. ``sentence`` is the index of the token's sentence, ``sentences``
    holds their half-open token ranges.
    """

    text: str
    start: list[int]
    end: list[int]
    word: list[str]
    lower: list[str]
    tag: list[str]
    dep: list[str]
    head: list[int]
    children: list[list[int]]
    subjects: dict[int, list[int]]
    left: list[int]
    right: list[int]
    sentence: list[int]
    sentences: list[tuple[int, int]]
    names: list[Name]

    def __len__(self) -> int:
        return len(self.start)

    def slice(self, first: int, last: int) -> str:
        """The text from token ``first`` up to and including token ``last``."""
        return self.text[self.start[first] : self.end[last]]


def read(doc: Doc, text: str) -> Parse:
    """Read out a parsed Doc of ``readable(text)``."""
    head = [token.head.i for token in doc]
    children, left, right = _subtrees(head)
    sentences = [(sent.start, sent.end) for sent in doc.sents] if len(doc) else []
    start = [token.idx for token in doc]
    end = [token.idx + len(token) for token in doc]
    word = [text[a:b] for a, b in zip(start, end, strict=True)]
    return Parse(
        text=text,
        start=start,
        end=end,
        word=word,
        lower=[each.lower() for each in word],
        tag=[token.tag_ for token in doc],
        dep=[token.dep_ for token in doc],
        head=head,
        children=children,
        subjects=_subjects(head, doc),
        left=left,
        right=right,
        sentence=[i for i, (a, b) in enumerate(sentences) for _ in range(a, b)],
        sentences=sentences,
        names=[Name(ent.start, ent.end, ent.label_) for ent in doc.ents],
    )


def _subjects(head: list[int], doc: Doc) -> dict[int, list[int]]:
    subjects: dict[int, list[int]] = {}
    for token in doc:
        if token.dep_ == "nsubj":
            subjects.setdefault(head[token.i], []).append(token.i)
    return subjects


def _subtrees(head: list[int]) -> tuple[list[list[int]], list[int], list[int]]:
    children: list[list[int]] = [[] for _ in head]
    order = []
    for token, its_head in enumerate(head):
        if its_head == token:
            order.append(token)
        else:
            children[its_head].append(token)
    for token in order:  # grows while it is read: every token comes after its head
        order.extend(children[token])
    left, right = list(range(len(head))), list(range(len(head)))
    for token in reversed(order):
        left[head[token]] = min(left[head[token]], left[token])
        right[head[token]] = max(right[head[token]], right[token])
    return children, left, right
