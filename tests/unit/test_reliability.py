"""The reliability curve on made rows."""

from tests.quality.reliability import Bin, curve

TEXT = "Ann said it rained all day. Ben said it snowed all night."


def statement(start: int, end: int, confidence: float, **changes: object) -> dict[str, object]:
    return {
        "content": {"parts": [[start, end]]},
        "confidence": confidence,
        "negated": False,
        "hypothetical": False,
        "reported_by": None,
    } | changes


def test_bins_tell_how_many_are_right():
    gold = [{"id": "a", "text": TEXT, "statements": [{"content": [9, 26]}]}]
    found = [
        {
            "id": "a",
            "statements": [
                statement(9, 26, 0.9),
                statement(37, 56, 0.95),
                statement(37, 56, 0.5),
                statement(37, 56, 0.9, negated=True),
            ],
        }
    ]
    assert curve(gold, found) == [Bin(0.5, 1, 0.5, 0.0), Bin(0.9, 2, 0.925, 0.5)]


def test_one_part_of_a_labelled_statement_is_enough():
    gold = [
        {
            "id": "a",
            "text": TEXT,
            "statements": [{"content": [9, 56], "content_parts": [[9, 26], [37, 56]]}],
        }
    ]
    found = [{"id": "a", "statements": [statement(37, 56, 0.7)]}]
    assert curve(gold, found) == [Bin(0.7, 1, 0.7, 1.0)]
