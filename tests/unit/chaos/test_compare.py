import msgspec
import pytest

from tests.chaos.measure.compare import (
    Document,
    Expected,
    Found,
    Letter,
    Said,
    Version,
    buried,
    compare,
)

EXPECTED = Expected(
    versions={
        "a": (Version("K1V1"), Version("K1V2")),
        "b": (Version("K2V1"),),
        "c": (Version("K3V1", must=False), Version("K3V2")),
        "bad": (Version("K4V1", must=False),),
    },
    poison={"5a": 1},
    alerting=frozenset({"a"}),
)
FOUND = Found(
    articles=[
        Document("a", "n-2026.03", "K1V2", 2, 2),
        Document("b", "n-2026.03", "K2V1", 1, 0),
        Document("c", "n-2026.03", "K3V2", 2, 0),
    ],
    statements={"a": [Said(2, 1), Said(2, 2)]},
    kept={"a": frozenset({"K1V1"})},
    letters=[Letter("articles/0/7", "", "5a")],
    alerts=[("alert-a", "a")],
    received=frozenset({"alert-a"}),
    lag={"index": 0},
)


def kinds(**changes: object) -> list[str]:
    found = msgspec.structs.replace(FOUND, **changes)
    return [each.kind for each in compare(EXPECTED, found)]


def test_what_was_made_and_nothing_else_is_without_findings() -> None:
    assert kinds() == []


def test_an_article_that_is_nowhere_is_lost() -> None:
    assert kinds(articles=[each for each in FOUND.articles if each.id != "b"]) == ["lost"]


def test_a_dead_letter_of_an_article_is_an_end_like_another() -> None:
    letters = [*FOUND.letters, Letter("articles/0/8", "b", "99", "K2V1")]
    assert kinds(articles=[e for e in FOUND.articles if e.id != "b"], letters=letters) == []


def test_one_id_in_two_months_is_double_and_one_of_them_stale() -> None:
    twin = Document("a", "n-2026.02", "K1V1", 1, 2)
    assert "double" in kinds(articles=[*FOUND.articles, twin])
    assert "stale" in kinds(articles=[*FOUND.articles, twin])


def test_an_older_version_is_stale() -> None:
    older = [Document("a", "n", "K1V1", 2, 2), *FOUND.articles[1:]]
    assert kinds(articles=older) == ["stale"]


def test_a_version_of_a_wrong_clock_must_not_hide_its_correction() -> None:
    blocked = [*FOUND.articles[:2], Document("c", "n", "K3V1", 9, 0)]
    assert kinds(articles=blocked) == ["stale"]


def test_a_superseded_version_that_is_not_kept_is_found() -> None:
    assert kinds(kept={}) == ["revisions"]


@pytest.mark.parametrize(
    "said",
    [
        {"a": [Said(2, 1)]},
        {"a": [Said(2, 1), Said(1, 2)]},
        {"a": [Said(2, 1), Said(2, 2), Said(2, 3)]},
        {"a": [Said(2, 1), Said(2, 1), Said(2, 2)]},
        {**FOUND.statements, "nobody": [Said(1, 1)]},
    ],
)
def test_missing_foreign_older_and_double_statements_are_found(said: object) -> None:
    assert kinds(statements=said) == ["statements"]


def test_poison_needs_a_dead_letter_and_no_place_has_two() -> None:
    assert kinds(letters=[]) == ["lost"]
    assert kinds(letters=[*FOUND.letters, *FOUND.letters]) == ["double"]


def test_an_article_that_nobody_made_is_unknown() -> None:
    assert kinds(articles=[*FOUND.articles, Document("z", "n", "K9V1", 1, 0)]) == ["unknown"]


def test_alerts_are_told_once_of_those_articles_alone_and_arrive() -> None:
    assert kinds(alerts=[]) == ["alerts"]
    assert kinds(alerts=[("alert-a", "a"), ("alert-a", "a")]) == ["alerts"]
    assert kinds(alerts=[("alert-a", "a"), ("alert-b", "b")], received=frozenset({"alert-a"})) == [
        "alerts",
        "alerts",
    ]
    assert kinds(received=frozenset()) == ["alerts"]


def test_a_station_that_is_behind_is_a_finding() -> None:
    (finding,) = compare(EXPECTED, msgspec.structs.replace(FOUND, lag={"index": 3, "alert": 0}))
    assert (finding.kind, finding.count, finding.examples) == ("lag", 1, ("index: 3",))


def test_many_findings_are_counted_and_some_are_shown() -> None:
    many = [Document(f"z{n}", "n", "K9V1", 1, 0) for n in range(50)]
    (finding,) = compare(
        EXPECTED, msgspec.structs.replace(FOUND, articles=[*FOUND.articles, *many])
    )
    assert finding.count == 50
    assert len(finding.examples) == 5


def test_good_articles_among_the_dead_letters_are_counted_by_reason() -> None:
    letters = [
        Letter("articles/0/8", "b", "99", "K2V1", "nlp-crash"),
        Letter("articles/0/9", "a", "98", "K1V1", "nlp-crash"),
        Letter("articles/0/10", "bad", "97", "K4V1", "schema"),
    ]
    without = [each for each in FOUND.articles if each.id != "b"]
    found = msgspec.structs.replace(FOUND, articles=without, letters=letters)
    assert buried(EXPECTED, found) == {"nlp-crash": 1}
