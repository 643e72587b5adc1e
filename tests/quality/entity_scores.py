"""Organisations and places against hand-annotated articles.

    python -m tests.quality.entity_scores [--errors] [FOUND]

reads `tests/quality/entities/annotations.jsonl` and the articles beside the checkout, runs
`pipeline enrich --jsonl` over them (or reads its output from FOUND) and prints the table.

Entities: one that was found is right when its name is a name or alias of an annotated one in the
same group of types, one to one: whatever is found twice, or split in two, costs precision. Case,
accents, dots, quotation marks and a leading article make no difference. Mentions: one that was
found by name is right when an annotated one in the same group has exactly its span. Counted over
all articles together (micro). What is annotated as optional counts on neither side, whatever type
it was found with.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import settings
from tests.running import pipeline

HERE = Path(__file__).parent
MATERIAL = HERE.parents[2] / "shared" / "eval" / "statements"
GROUPS = {"organisations": frozenset({"ORG"}), "places": frozenset({"GPE", "LOC", "FAC"})}

_LEADING_ARTICLE = re.compile(r"^(?:the|an?) (?=\S)")
_QUOTATION_MARKS = str.maketrans("‘’“”", "''\"\"")

Row = Mapping[str, Any]


class Miss(NamedTuple):
    """A name that is wrong or was not found, and where."""

    article: str
    name: str
    type: str


class Score(NamedTuple):
    right: int
    wrong: tuple[Miss, ...]
    missed: tuple[Miss, ...]

    @property
    def precision(self) -> float:
        return _share(self.right, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return _share(self.right, self.right + len(self.missed))

    @property
    def f1(self) -> float:
        return _share(2 * self.right, 2 * self.right + len(self.wrong) + len(self.missed))


def scores(annotated: Sequence[Row], found: Sequence[Row]) -> dict[str, Score]:
    """Every measure by its name: entities of each group, places with their very type, mentions."""
    places = GROUPS["places"]
    return {
        **{name: entities(annotated, found, types) for name, types in GROUPS.items()},
        "places, exact type": entities(annotated, found, places, exact_type=True),
        **{f"mentions of {name}": mentions(annotated, found, GROUPS[name]) for name in GROUPS},
    }


def entities(
    annotated: Iterable[Row],
    found: Iterable[Row],
    types: frozenset[str],
    *,
    exact_type: bool = False,
) -> Score:
    """Entities of ``types``; an article that failed or has no row has none."""
    right, wrong, missed = 0, [], []
    for article, gold, entities_found in _articles(annotated, found):
        left = [each for each in entities_found if each["type"] in types]
        for expected in _required(gold, types):
            hit = next((each for each in left if _same(expected, each, exact_type)), None)
            if hit is None:
                missed.append(Miss(article, expected["name"], expected["type"]))
            else:
                left.remove(hit)
                right += 1
        doubtful = [each for each in gold if each.get("optional")]
        wrong += [
            Miss(article, each["name"], each["type"])
            for each in left
            if not any(_same(other, each) for other in doubtful)
        ]
    return Score(right, tuple(wrong), tuple(missed))


def mentions(annotated: Iterable[Row], found: Iterable[Row], types: frozenset[str]) -> Score:
    """Mentions by name of entities of ``types``."""
    right, wrong, missed = 0, [], []
    for article, gold, entities_found in _articles(annotated, found):
        expected = {
            tuple(span): Miss(article, each["name"], each["type"])
            for each in _required(gold, types)
            for span in each["spans"]
        }
        doubtful = {tuple(span) for each in gold if each.get("optional") for span in each["spans"]}
        own = dict(_named(article, entities_found, types))
        right += len(own.keys() & expected.keys())
        wrong += [own[span] for span in sorted(own.keys() - expected.keys() - doubtful)]
        missed += [expected[span] for span in sorted(expected.keys() - own.keys())]
    return Score(right, tuple(wrong), tuple(missed))


def normalised(name: str) -> str:
    """What two spellings of one name have in common."""
    plain = unicodedata.normalize("NFKD", name.translate(_QUOTATION_MARKS)).casefold()
    kept = "".join(c for c in plain if c != "." and not unicodedata.combining(c))
    return _LEADING_ARTICLE.sub("", " ".join(kept.split()))


def table(measured: Mapping[str, Score]) -> Iterator[str]:
    """The lines of the table, percentages."""
    yield f"{'':26}{'P':>6}{'R':>7}{'F1':>7}{'right':>8}{'wrong':>7}{'missed':>8}"
    for name, score in measured.items():
        shares = f"{100 * score.precision:6.1f} {100 * score.recall:6.1f} {100 * score.f1:6.1f}"
        yield f"{name:26}{shares}{score.right:8}{len(score.wrong):7}{len(score.missed):8}"


def errors(measured: Mapping[str, Score]) -> Iterator[str]:
    """A line for each name that is wrong or missed, below the measure's name."""
    for name, score in measured.items():
        yield f"\n{name}"
        for kind in ("wrong", "missed"):
            for miss in getattr(score, kind):
                yield f"  {kind:7} {miss.type:7} {miss.name}  ({miss.article})"


def annotated_articles() -> list[dict[str, Any]]:
    return read(HERE / "entities" / "annotations.jsonl")


def enriched(annotated: Iterable[Row], material: Path = MATERIAL) -> list[dict[str, Any]]:
    """What `pipeline enrich --jsonl` finds in the annotated articles."""
    wanted = {row["id"] for row in annotated}
    texts = [
        json.dumps({"id": row["id"], "text": row["text"]})
        for name in sorted({row["set"] for row in annotated})
        for row in read(material / f"{name}.jsonl")
        if row["id"] in wanted
    ]
    done = pipeline(settings.load(), "enrich", "--jsonl", given="\n".join(texts) + "\n")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    failed = [row for row in found if "error" in row]
    assert failed == []
    return found


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("found", nargs="?", type=Path, help="output of `pipeline enrich --jsonl`")
    parser.add_argument("--errors", action="store_true", help="also each name wrong or missed")
    given = parser.parse_args(arguments)
    annotated = annotated_articles()
    measured = scores(annotated, read(given.found) if given.found else enriched(annotated))
    lines = [*table(measured), *(errors(measured) if given.errors else ())]
    sys.stdout.write("\n".join(lines) + "\n")


def _articles(
    annotated: Iterable[Row], found: Iterable[Row]
) -> Iterator[tuple[str, Sequence[Row], Sequence[Row]]]:
    by_id = {row["id"]: row.get("entities", ()) for row in found}
    for row in annotated:
        yield row["id"], row["entities"], by_id.get(row["id"], ())


def _required(gold: Iterable[Row], types: frozenset[str]) -> list[Row]:
    return [each for each in gold if each["type"] in types and not each.get("optional")]


def _same(expected: Row, own: Row, exact_type: bool = False) -> bool:
    if exact_type and expected["type"] != own["type"]:
        return False
    names = (expected["name"], *expected["aliases"])
    return normalised(own["name"]) in map(normalised, names)


def _named(
    article: str, found: Iterable[Row], types: frozenset[str]
) -> Iterator[tuple[tuple[int, ...], Miss]]:
    for entity in found:
        for mention in entity["mentions"] if entity["type"] in types else ():
            if mention["kind"] == "name":
                yield tuple(mention["span"]), Miss(article, mention["text"], entity["type"])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


if __name__ == "__main__":
    main()
