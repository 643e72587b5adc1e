"""Where a report is from is no part of what was said."""

import pytest

from pipeline.enrich.datelines import dateline_end

REPORT = "Fares will rise, the minister said."


@pytest.mark.parametrize(
    "dateline",
    [
        "BRENNICK – ",
        "NEW YORK -- ",
        "LONDON (Reuters) - ",
        "LONDON, March 3 (Reuters) - ",
        "SPRINGFIELD, Ill. (AP) — ",
        "Oslo (AP) — ",
        "PARIS (AFP) – ",
        "GENÈVE — ",
    ],
)
def test_a_report_goes_on_behind_its_dateline(dateline: str) -> None:
    assert dateline_end(dateline + REPORT, 0) == len(dateline)
    assert dateline_end(f"A headline\n{dateline}{REPORT}", 11) == 11 + len(dateline)


@pytest.mark.parametrize(
    "text",
    [
        REPORT,
        "The NATO – an alliance – will meet, he said.",
        "A ferry (the last one) — and it was late — sailed.",
        "NATO will meet – perhaps.",
        "NATO – the alliance – will meet, he said.",
        "Talks failed – again, he said.",
    ],
)
def test_other_words_before_a_dash_are_no_dateline(text: str) -> None:
    assert dateline_end(text, 0) == 0


def test_a_dateline_stands_at_the_beginning_of_a_paragraph() -> None:
    assert dateline_end("He said: BRENNICK – it is", 9) == 9


def test_what_was_said_begins_behind_the_dateline(annotate) -> None:
    text = "BRENNICK – Fares will rise by a fifth, Harbour Minister Ilse Varga said on Monday."
    (statement,) = annotate(text).statements
    assert statement.content.text == "Fares will rise by a fifth"
