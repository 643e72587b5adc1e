"""What a text is compared by."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.sketch import ALIKE, BANDS, NOTHING, jaccard, shingles, sketch, words
from tests.benchmarks.texts import made_texts

ONE, OTHER = made_texts(2, seed=7)
NEWS_WORDS = st.text("abcdeéèüñßçœABCDEÉÈÜÑ0123456789", min_size=1, max_size=8)


def shared_bands(one: str, other: str) -> int:
    return len(set(sketch(one).bands) & set(sketch(other).bands))


@given(
    st.lists(NEWS_WORDS, min_size=50, max_size=80),
    st.sampled_from([" ", "\n", "  \t", ", ", " – ", ".\n\n“"]),
    st.sampled_from([str.lower, str.upper, str.swapcase, str.title]),
)
def test_case_spacing_and_punctuation_do_not_matter(texts, between, change) -> None:
    plain, changed = sketch(" ".join(texts)), sketch(change(between.join(texts)))
    assert changed.bands == plain.bands
    assert changed.shingles.tolist() == plain.shingles.tolist()


def test_words_are_read_without_accents_and_apostrophes() -> None:
    assert words("Zoë’s CAFÉ_bar, nº 5") == ["zoe", "s", "cafe", "bar", "no", "5"]
    assert words("Zoe\u0308 zoë") == ["zoe", "zoe"]


def test_the_order_of_words_matters() -> None:
    there, back = shingles(["a", "b", "c"]), shingles(["c", "b", "a"])
    assert there.tolist() != back.tolist()


@pytest.mark.parametrize("text", ["", "?!", "one", "one two", "so it goes " * 500])
def test_a_text_without_fifty_different_words_in_a_row_is_not_compared(text: str) -> None:
    assert sketch(text) is NOTHING
    assert jaccard(NOTHING.shingles, NOTHING.shingles) == 0.0


def test_fifty_words_are_enough() -> None:
    assert len(sketch(" ".join(f"w{n}" for n in range(50))).bands) == BANDS
    assert sketch(" ".join(f"w{n}" for n in range(49))) is NOTHING


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_similarity_is_that_of_the_sets_of_three_words(one: set[int], other: set[int]) -> None:
    texts = [[str(number) for number in sorted(each)] for each in (one, other)]
    left, right = [{tuple(text[n : n + 3]) for n in range(len(text) - 2)} for text in texts]
    expected = len(left & right) / len(left | right) if left | right else 0.0
    assert jaccard(*map(shingles, texts)) == expected


def test_a_copy_with_a_changed_word_shares_bands_and_another_article_none() -> None:
    changed = ONE.replace(ONE.split()[40], "elsewhere", 1)
    assert jaccard(sketch(ONE).shingles, sketch(changed).shingles) >= ALIKE
    assert shared_bands(ONE, changed) >= 1
    assert shared_bands(ONE, OTHER) == 0


def test_the_same_place_of_two_bands_is_no_match() -> None:
    assert len(set(sketch(ONE).bands)) == BANDS


def test_every_process_makes_the_same_sketch() -> None:
    code = "import sys; from pipeline.index.sketch import sketch; print(*sketch(sys.argv[1]).bands)"
    done = subprocess.run(
        [sys.executable, "-c", code, ONE], capture_output=True, text=True, check=True
    )
    assert tuple(done.stdout.split()) == sketch(ONE).bands


def test_a_text_longer_than_one_step_of_the_signature_is_a_copy_of_itself() -> None:
    long = " ".join(f"w{number}" for number in range(10_000))
    assert shared_bands(long, long + " end") == BANDS
