"""The scorer of organisations and places on made rows."""

import pytest

from tests.quality.entity_scores import GROUPS, Miss, entities, mentions, normalised, table

ORG, PLACES = GROUPS["organisations"], GROUPS["places"]


def annotated(*entries: dict[str, object]) -> list[dict[str, object]]:
    return [{"id": "a", "entities": list(entries)}]


def gold(name: str, type_: str, *spans: tuple[int, int], aliases: tuple[str, ...] = (), **more):
    return {"name": name, "type": type_, "aliases": aliases, "spans": spans, **more}


def own(name: str, type_: str, *spans: tuple[int, int], kind: str = "name"):
    said = [{"text": name, "span": span, "kind": kind} for span in spans]
    return {"name": name, "type": type_, "mentions": said}


def test_a_name_is_right_by_any_of_its_forms_in_its_group():
    score = entities(
        annotated(gold("Arcton Bank", "ORG", aliases=("A.B.",)), gold("Velm", "GPE")),
        annotated(own("the AB", "ORG"), own("Velm", "ORG")),
        ORG,
    )
    assert (score.right, score.wrong, score.missed) == (1, (Miss("a", "Velm", "ORG"),), ())


def test_an_entity_split_in_two_costs_precision():
    score = entities(
        annotated(gold("Arcton Bank", "ORG", aliases=("Arcton",))),
        annotated(own("Arcton Bank", "ORG"), own("Arcton", "ORG")),
        ORG,
    )
    assert (score.precision, score.recall, score.f1) == (0.5, 1.0, pytest.approx(2 / 3))


def test_the_very_type_counts_only_where_asked_for():
    given = annotated(gold("Lake Velm", "LOC")), annotated(own("Lake Velm", "GPE"))
    assert entities(*given, PLACES).f1 == 1.0
    strict = entities(*given, PLACES, exact_type=True)
    assert strict.wrong == (Miss("a", "Lake Velm", "GPE"),)
    assert strict.missed == (Miss("a", "Lake Velm", "LOC"),)


def test_optional_ones_count_on_neither_side():
    doubtful = annotated(gold("Chatter", "ORG", (0, 7), optional=True))
    for found in ([], annotated(own("Chatter", "GPE", (0, 7)))):
        for score in (entities(doubtful, found, PLACES), mentions(doubtful, found, PLACES)):
            assert (score.right, score.wrong, score.missed) == (0, (), ())


def test_a_required_one_is_paired_before_an_optional_of_the_same_name():
    score = entities(
        annotated(gold("Velm", "ORG", optional=True), gold("Velm", "GPE")),
        annotated(own("Velm", "GPE")),
        PLACES,
    )
    assert (score.right, score.wrong, score.missed) == (1, (), ())


@pytest.mark.parametrize("found", [[], [{"id": "a", "error": {"reason": "nlp-error"}}]])
def test_articles_without_output_are_missed_whole(found: list[dict[str, object]]):
    score = entities(annotated(gold("Velm", "GPE")), found, PLACES)
    assert (score.precision, score.missed) == (0.0, (Miss("a", "Velm", "GPE"),))


def test_mentions_are_right_by_their_span_and_group_and_only_when_by_name():
    score = mentions(
        annotated(gold("Velm", "GPE", (0, 4), (10, 14), (20, 24), (30, 34))),
        annotated(
            own("Velm", "LOC", (0, 4), (9, 14)),
            own("Velm", "GPE", (20, 24), kind="pronoun"),
            own("Velm", "ORG", (30, 34)),
        ),
        PLACES,
    )
    assert score.right == 1
    assert score.wrong == (Miss("a", "Velm", "LOC"),)
    assert len(score.missed) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Arcton Post", "arcton post"),
        ("U.N.", "UN"),
        ("Québec", "Quebec"),
        ("Queen’s Park", "Queen's  Park"),
    ],
)
def test_spellings_of_one_name_are_the_same(one: str, other: str):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [("Theba", "ba"), ("The", ""), ("Arcton", "Arctos")])
def test_other_names_are_not(one: str, other: str):
    assert normalised(one) != normalised(other)


def test_the_table_tells_shares_and_counts():
    score = entities(
        annotated(gold("Velm", "GPE"), gold("Arcton", "GPE")), annotated(own("Velm", "GPE")), PLACES
    )
    (line,) = list(table({"places": score}))[1:]
    assert line.split() == ["places", "100.0", "50.0", "66.7", "1", "0", "1"]
