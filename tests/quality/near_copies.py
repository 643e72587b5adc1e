"""Made copies of articles, and articles that only look like copies, with their true similarity.

Originals are of paragraphs of the project's own articles, and share some by chance, as reports on
one event share background. Each of their copies was edited as agencies' texts are, from not at all
to beyond recognition. The truth is counted here, with plain sets of word triples.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator

import msgspec

from tests.benchmarks.texts import made_texts

ALIKE = 0.8

Edit = Callable[[list[str], random.Random, list[str]], list[str]]


class Pair(msgspec.Struct, frozen=True):
    """An original, by its number, and a text made of it; ``similarity`` is 0 to 1."""

    original: int
    text: str
    similarity: float

    @property
    def is_copy(self) -> bool:
        return self.similarity >= ALIKE


def originals(count: int) -> list[str]:
    """As many different articles."""
    return made_texts(count, seed=2026)


def pairs(texts: list[str], seed: int = 1) -> Iterator[Pair]:
    """A text made of each, by one to four edits in a row."""
    chosen = random.Random(seed)
    others = made_texts(500, seed=7)
    for number, text in enumerate(texts):
        paragraphs = text.split("\n")
        strange = [line for other in chosen.sample(others, 2) for line in other.split("\n")]
        for edit in chosen.choices(EDITS, k=chosen.randint(1, 4)):
            paragraphs = edit(paragraphs, chosen, strange)
        made = "\n".join(paragraphs)
        yield Pair(number, made, similarity(text, made))


def similarity(one: str, other: str) -> float:
    """Word triples in both over those in either."""
    left, right = triples(one), triples(other)
    return len(left & right) / len(left | right)


def triples(text: str) -> set[tuple[str, ...]]:
    """Three words in a row, without case, accents and punctuation."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    words = re.findall(r"[^\W_]+", plain.casefold())
    return set(zip(words, words[1:], words[2:], strict=False))


def _prefix(text: list[str], chosen: random.Random, _: list[str]) -> list[str]:
    place = chosen.choice(["PORT AVEL (Agency)", "(TNA) –", "BRENNICK, 3 March (Reuters) –", "By"])
    return [f"{place} {text[0]}", *text[1:]]


def _headline(text: list[str], chosen: random.Random, strange: list[str]) -> list[str]:
    words = chosen.choice(strange).split()
    return [" ".join(words[: chosen.randint(5, 14)]), *text]


def _words(text: list[str], chosen: random.Random, strange: list[str]) -> list[str]:
    lines = [line.split() for line in text]
    for _ in range(chosen.choice([1, 2, 3, 5, 8, 15])):
        line = chosen.choice([line for line in lines if line] or [[""]])
        line[chosen.randrange(len(line))] = chosen.choice(chosen.choice(strange).split() or ["so"])
    return [" ".join(line) for line in lines]


def _without_paragraph(text: list[str], chosen: random.Random, _: list[str]) -> list[str]:
    gone = chosen.randrange(len(text))
    return [line for place, line in enumerate(text) if place != gone] or text


def _paragraph_more(text: list[str], chosen: random.Random, strange: list[str]) -> list[str]:
    place = chosen.randint(0, len(text))
    return [*text[:place], chosen.choice(strange), *text[place:]]


def _cut(text: list[str], chosen: random.Random, _: list[str]) -> list[str]:
    words = text[-1].split()
    return [*text[:-1], " ".join(words[: chosen.randint(1, len(words))])] if words else text


def _swapped(text: list[str], chosen: random.Random, _: list[str]) -> list[str]:
    return chosen.sample(text, len(text))


def _retyped(text: list[str], _: random.Random, __: list[str]) -> list[str]:
    """Another house style: quotes, dashes, spacing."""
    return [line.replace("“", '"').replace("”", '"').replace("’", "'") + "  " for line in text]


def _credit(text: list[str], chosen: random.Random, _: list[str]) -> list[str]:
    ends = ["Additional reporting by our staff.", "Read more: five things to know", "© The Agency"]
    return [*text, chosen.choice(ends)]


EDITS: list[Edit] = [
    _prefix,
    _headline,
    _words,
    _without_paragraph,
    _paragraph_more,
    _cut,
    _swapped,
    _retyped,
    _credit,
]
