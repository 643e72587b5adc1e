import pytest

from pipeline.feeds.paragraphs import is_boilerplate, join_readings, own_paragraphs

FIRST = "The council closed the old bridge on Monday because its piers had cracked."
SECOND = "Engineers are to look at it until the spring, the mayor of the town said."
THIRD = "The ferry will run every half hour, and it will be free of charge for all."


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement", "Article content", "You may also like...", "Read more: Ferry to be free",
        "Image: Ada Lind / The Courier", "Copyright © 2026 The Courier, Ltd.",
        "Sign up for our free weekly newsletter", "Follow us on Facebook",
        "Ada Lind contributed to this report.", "Lesen Sie auch: Fähre kostenlos",
        "Reporting by Ada Lind; Editing by Bo Ek",
    ],
)  # fmt: skip
def test_what_is_no_part_of_the_story_is_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        FIRST, "He read more than any other mayor.", "Related deaths rose in the spring.",
        "Image is everything, she said.", "Comments by the mayor were not welcome.",
        "“Follow me,” he said on Monday.",
    ],
)  # fmt: skip
def test_sentences_that_begin_like_boilerplate_stay(line: str) -> None:
    assert not is_boilerplate(line)


def test_headline_and_kicker_above_the_text_are_left_out() -> None:
    text = f"Traffic\nBridge to close\n{FIRST}\n{SECOND}"
    assert own_paragraphs(text, ["“Bridge to close”"]) == f"{FIRST}\n{SECOND}"


def test_a_list_of_links_at_the_end_goes_and_one_within_the_text_stays() -> None:
    links = "- Ferry to be free\n- All about bridges"
    assert own_paragraphs(f"{FIRST}\n{links}") == FIRST
    within = f"{FIRST}\n{links}\n{SECOND}"
    assert own_paragraphs(within) == within


def test_a_paragraph_shown_twice_is_kept_once() -> None:
    assert own_paragraphs(f"{FIRST}\n{SECOND}\n{FIRST}") == f"{FIRST}\n{SECOND}"


def test_a_text_of_boilerplate_alone_is_returned_whole() -> None:
    assert own_paragraphs("Advertisement") == "Advertisement"


def test_sentences_of_the_fuller_reading_are_added_in_their_place() -> None:
    precise, full = f"{FIRST}\n{THIRD}", f"Labels\n{FIRST}\n{SECOND}\n{THIRD}"
    assert join_readings(precise, full) == f"{FIRST}\n{SECOND}\n{THIRD}"


def test_a_reading_that_lost_most_of_the_text_is_not_heeded() -> None:
    full = f"Part one\n{FIRST}\n{SECOND}\n{THIRD}"
    assert join_readings(FIRST, full) == full
    assert join_readings("", full) == full


def test_no_fuller_reading_leaves_the_precise_one() -> None:
    assert join_readings(FIRST, "") == FIRST
