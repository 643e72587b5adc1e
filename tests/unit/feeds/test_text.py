import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.text import clean_line, clean_text, first_sentence, shorten, truncate_text

any_text = st.text(alphabet=st.characters(categories=None, exclude_categories=()), max_size=200)


@given(any_text)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@given(any_text)
def test_clean_text_can_be_written_as_utf8_and_has_only_single_breaks(text: str) -> None:
    clean = clean_text(text)
    clean.encode()
    assert unicodedata.is_normalized("NFC", clean)
    assert "\n\n" not in clean
    assert "  " not in clean
    assert clean.splitlines() == (clean.split("\n") if clean else [])


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("one\r\n\r\n  two\u2029three", "one\ntwo\nthree"),
        ("a\xa0b\u2003 c", "a b c"),
        ("pass\xadword\u200b\ufeff", "password"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("cafe\u0301", "café"),
        ("bad\ud800 pair \ud83d\ude00", "bad pair 😀"),
        ("nul\x00 bell\x07", "nul bell"),
        ("\u0645\u06cc\u200c\u0631\u0648\u0645", "\u0645\u06cc\u200c\u0631\u0648\u0645"),
    ],
)
def test_what_is_invisible_goes_and_what_carries_meaning_stays(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


def test_a_million_combining_marks_take_no_time() -> None:
    started = time.perf_counter()
    clean = clean_text("a" + "\u0300\u0316" * 500_000 + " end")
    assert time.perf_counter() - started < 5
    assert clean.endswith(" end")
    assert len(clean) < 50


@given(st.text(alphabet="ab \n", max_size=60).map(clean_text), st.integers(1, 40))
def test_a_cut_text_is_a_prefix_within_the_limit_and_says_so(text: str, limit: int) -> None:
    cut, truncated = truncate_text(text, limit)
    assert text.startswith(cut)
    assert len(cut) <= limit
    assert truncated == (cut != text)


def test_a_long_text_is_cut_between_paragraphs() -> None:
    assert truncate_text("first one\nsecond one", 15) == ("first one", True)
    assert truncate_text("a " * 10 + "b", 9) == ("a a a a a", True)


@given(any_text, st.integers(2, 50))
def test_a_clean_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_shortening_cuts_at_a_word_and_shows_it() -> None:
    assert shorten("The council voted, again", 19) == "The council voted…"


def test_an_abbreviation_does_not_end_the_first_sentence() -> None:
    text = "Gen. Adela Moroz crossed the river before the bridge fell. More came later."
    assert first_sentence(text, 120).endswith("before the bridge fell.")
