from pipeline.feeds.paragraphs import join_readings, line_key, own_paragraphs

FIRST = "The council closed the old bridge on Monday because its piers had cracked."
SECOND = "Engineers are to look at it until the spring, the mayor of the town said."
THIRD = "The ferry will run every half hour, and it will be free of charge for all."


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


def test_short_sentences_that_only_the_fuller_reading_has_at_the_end_promote() -> None:
    promotion = "Keep an eye on your inbox for all of our news."
    assert join_readings(f"{FIRST}\n{SECOND}", f"{FIRST}\n{SECOND}\n{promotion}") == (
        f"{FIRST}\n{SECOND}"
    )


def test_paragraphs_that_only_the_fuller_reading_has_at_the_end_stay() -> None:
    full = f"{FIRST} {SECOND}\n{FIRST} {SECOND} {THIRD}"
    assert join_readings(f"{FIRST} {SECOND}", f"{full}\n{THIRD}") == f"{full}\n{THIRD}"


def test_what_the_markup_says_is_beside_the_text_goes() -> None:
    text = f"{FIRST}\nAda Lind\n{SECOND}"
    assert own_paragraphs(text, asides={line_key("Ada Lind")}) == f"{FIRST}\n{SECOND}"


def test_the_time_above_the_text_goes_and_one_within_it_stays() -> None:
    assert own_paragraphs(f"02.03.2026, 20:59 Uhr\n{FIRST}") == FIRST
    within = f"{FIRST}\n{SECOND}\n{THIRD}\nThe ferry leaves on\n2 March 2026 at 20:59"
    assert own_paragraphs(within) == within
