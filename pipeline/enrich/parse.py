"""A parsed text as plain lists, read out of spaCy once.

The rules go over these lists: an attribute of a spaCy token costs many times a list look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.enrich.grammar import FIRST, Grammar, grammar
from pipeline.enrich.tree import Tree
from pipeline.enrich.universal import rewrite

if TYPE_CHECKING:
    from spacy.tokens import Doc

# Two single marks for a double one: the second half is shown as space, beside the word or the stop.
_DOUBLED_OPENING = re.compile(r"(?<!\S)(?:``|[‘’']{2})(?=\w)")
_DOUBLED_CLOSING = re.compile(r"(?<=[\w.,!?…])[‘’']{2}(?!\w)")
_LONG_WORD = re.compile(r"\S{200,}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def readable(text: str, language: str = FIRST) -> str:
    """The text as the model of its language is shown it, of the same length, so that offsets hold.

    A word of 200 characters or more is no word, and the tokenizer's time grows with its square;
    only its first 100 are shown. Lone surrogates cannot be shown at all.
    """
    marks = grammar(language).marks
    shown = _SURROGATE.sub("?", text.translate(marks))
    shown = _DOUBLED_CLOSING.sub("” ", _DOUBLED_OPENING.sub(" “", shown)).translate(marks)
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


def read(doc: Doc, text: str, language: str = FIRST) -> Parse:
    """Read out a parsed Doc of ``readable(text, language)``."""
    spoken = grammar(language)
    sentences = [(sent.start, sent.end) for sent in doc.sents] if len(doc) else []
    start = [token.idx for token in doc]
    end = [token.idx + len(token) for token in doc]
    word = [text[a:b] for a, b in zip(start, end, strict=True)]
    tree = _universal(doc, word, spoken) if spoken.universal else _plain(doc, word)
    for token, each in enumerate(word):
        if each[:1] == "-" and each[1:].lower() in spoken.clitics:  # "dit-il"
            start[token], word[token] = start[token] + 1, each[1:]
    children, left, right = _subtrees(tree.head)
    return Parse(
        text=text,
        start=start,
        end=end,
        word=word,
        lower=tree.lower,
        tag=tree.tag,
        dep=tree.dep,
        head=tree.head,
        children=children,
        subjects=_subjects(tree),
        left=left,
        right=right,
        sentence=[i for i, (a, b) in enumerate(sentences) for _ in range(a, b)],
        sentences=sentences,
        names=_names(doc, spoken),
    )


def _plain(doc: Doc, word: list[str]) -> Tree:
    return Tree(
        lower=[each.lower() for each in word],
        part=[],
        features=[],
        dep=[token.dep_ for token in doc],
        head=[token.head.i for token in doc],
        tag=[token.tag_ for token in doc],
    )


def _universal(doc: Doc, word: list[str], spoken: Grammar) -> Tree:
    tree = _plain(doc, word)
    tree.lower = [each.replace("’", "'") for each in tree.lower]
    tree.part = [token.pos_ for token in doc]
    # A text has a few dozen of them; reading one costs as much as all the rest of a token.
    known: dict[int, dict[str, str]] = {}
    for token in doc:
        key = token.morph.key
        if key not in known:
            known[key] = token.morph.to_dict()
        tree.features.append(known[key])
    rewrite(tree, spoken)
    return tree


def _names(doc: Doc, spoken: Grammar) -> list[Name]:
    labels = spoken.labels
    if labels is None:
        return [Name(ent.start, ent.end, ent.label_) for ent in doc.ents]
    return [
        Name(ent.start, ent.end, labels[ent.label_]) for ent in doc.ents if ent.label_ in labels
    ]


def _subjects(tree: Tree) -> dict[int, list[int]]:
    subjects: dict[int, list[int]] = {}
    for token, relation in enumerate(tree.dep):
        if relation == "nsubj":
            subjects.setdefault(tree.head[token], []).append(token)
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
