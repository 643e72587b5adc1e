"""The judge of a log tells a cause that is repeated from several causes."""

from __future__ import annotations

import pytest

from tests.chaos.measure.lines import written

AT = "2026-05-04T10:00:{:06.3f}+00:00 "


def log(*lines: tuple[float, str]) -> list[str]:
    return [AT.format(second) + text for second, text in lines]


GONE = "ERROR kafka.client: node {} is gone"
OURS = "WARNING pipeline.feeds: feed-{} fails"


@pytest.mark.parametrize(
    ("lines", "repeated"),
    [
        ([(0, GONE.format(1)), (10.1, GONE.format(1))], 0),
        ([(0, GONE.format(1)), (5, GONE.format(2))], 1),
        ([(0, GONE.format(1)), (9, "ERROR kafka.client: another thing")], 0),
        ([(0, OURS.format(1)), (1, OURS.format(2))], 0),
        ([(0, OURS.format(1)), (1, OURS.format(1))], 1),
        ([(0, GONE.format(1)), (1, "ERROR kafka.client: 7 more like this in 10 s: node 1")], 0),
    ],
)
def test_a_cause_is_told_once_in_ten_seconds(lines: list[tuple[float, str]], repeated: int) -> None:
    found = written(log(*lines), 10.0)
    assert (found.lines, len(found.repeated)) == (len(lines), repeated)


def test_a_process_that_was_started_again_says_it_again() -> None:
    lines = log((0, GONE.format(1)), (5, GONE.format(1)))
    assert written(lines, 10.0).repeated
    assert not written(
        [lines[0], "index ended with -9; starting it again", lines[1]], 10.0
    ).repeated


def test_lines_of_a_traceback_are_lines_and_no_causes() -> None:
    again = ["    Traceback (most recent call last):"] * 3
    assert written([*log((0, GONE.format(1))), *again], 10.0) == (4, ())
