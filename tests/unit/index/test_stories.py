"""Which articles tell the same story."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.sketch import NOTHING, sketch
from pipeline.index.stories import Member, Newcomer, Recent, Story, assign, kept, member, merged
from tests.benchmarks.texts import made_texts
from tests.fakes.records import NOW

WEEK = timedelta(days=7)
TEXT, OTHER = made_texts(2, seed=3)
COPY = f"(Agency) {TEXT}"
SHORT = "Marrowmere won 3-1."


def newcomer(article_id: str, text: str, hours: float = 0.0) -> Newcomer:
    return Newcomer(
        article_id=article_id,
        text_id=f"id of {' '.join(text.split())}",
        first_seen_at=NOW + timedelta(hours=hours),
        sketch=sketch(text),
    )


def filed(new: Newcomer, **story: Any) -> Member:
    return member(new, Story(**({"id": new.text_id, "bands": new.sketch.bands} | story)))


def test_an_article_like_no_other_is_the_first_of_its_story() -> None:
    new = newcomer("a", TEXT)
    assert assign([new], [], WEEK) == {"a": Story(id=new.text_id, bands=new.sketch.bands)}


def test_a_near_copy_joins_the_story_of_the_first_and_carries_no_bands() -> None:
    first = newcomer("a", TEXT)
    stories = assign([newcomer("b", COPY, hours=1)], [filed(first)], WEEK)
    assert stories == {"b": Story(id=first.text_id, copy_of="a")}


def test_another_article_is_another_story() -> None:
    stories = assign([newcomer("b", OTHER)], [filed(newcomer("a", TEXT))], WEEK)
    assert stories["b"].copy_of is None


def test_short_texts_are_linked_only_where_they_are_equal() -> None:
    known = [filed(newcomer("a", SHORT))]
    news = [newcomer("b", SHORT, 1), newcomer("c", SHORT.replace("3", "4"), 2)]
    stories = assign(news, known, WEEK)
    assert stories["b"].copy_of == "a"
    assert stories["c"].copy_of is None


def test_an_equal_text_is_linked_however_old_and_a_near_one_within_the_window() -> None:
    known = [filed(newcomer("a", TEXT))]
    late = 24 * 30
    stories = assign([newcomer("b", TEXT, late), newcomer("c", COPY, late)], known, WEEK)
    assert stories["b"].copy_of == "a"
    assert stories["c"].copy_of is None


def test_a_copy_of_a_copy_names_the_first_article() -> None:
    copy = filed(newcomer("b", SHORT), id="story", copy_of="a")
    assert assign([newcomer("c", SHORT)], [copy], WEEK) == {"c": Story(id="story", copy_of="a")}


def test_a_copy_is_compared_with_the_first_and_not_with_other_copies() -> None:
    copy = member(newcomer("b", TEXT), Story(id="story", copy_of="a"))
    assert assign([newcomer("c", COPY)], [copy], WEEK)["c"].copy_of is None


def test_of_two_firsts_the_earlier_takes_the_copy() -> None:
    known = [filed(newcomer("a", TEXT, 2)), filed(newcomer("b", TEXT + " So be it.", 1))]
    for order in (known, known[::-1]):
        assert assign([newcomer("c", COPY, 3)], order, WEEK)["c"].copy_of == "b"


def test_what_was_seen_earlier_but_read_later_joins_the_story_that_is_there() -> None:
    known = [filed(newcomer("a", TEXT, 5))]
    assert assign([newcomer("b", COPY, 1)], known, WEEK)["b"].copy_of == "a"


def test_a_corrected_article_keeps_its_story() -> None:
    new = sketch(OTHER)
    assert kept(Story(id="story"), new) == Story(id="story", bands=new.bands)
    assert kept(Story(id="story", copy_of="a"), new) == Story(id="story", copy_of="a")


def _family(seed: int) -> list[Newcomer]:
    """Copies of three texts, changed a little or much, seen at various times."""
    chosen = random.Random(seed)
    family = []
    for number in range(12):
        words = chosen.choice([TEXT, OTHER, SHORT]).split()
        for _ in range(chosen.choice([0, 1, 3, 9])):
            words[chosen.randrange(len(words))] = "changed"
        family.append(newcomer(f"{number:02}", " ".join(words), chosen.choice([0, 1, 300])))
    return family


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_a_batch_does_not_matter(seed: int, order: random.Random) -> None:
    batch = _family(seed)
    shuffled = order.sample(batch, len(batch))
    assert assign(shuffled, [], WEEK) == assign(batch, [], WEEK)


@given(st.integers(0, 10_000), st.integers(0, 12))
def test_batches_one_after_the_other_make_the_stories_of_one_batch(seed: int, cut: int) -> None:
    batch = sorted(_family(seed), key=lambda each: (each.first_seen_at, each.article_id))
    early = assign(batch[:cut], [], WEEK)
    members = [member(each, early[each.article_id]) for each in batch[:cut]]
    assert early | assign(batch[cut:], members, WEEK) == assign(batch, [], WEEK)


@given(st.integers(0, 10_000))
def test_a_story_has_one_first_article_and_all_copies_name_it(seed: int) -> None:
    batch = _family(seed)
    stories = assign(batch, [], WEEK)
    for story in stories.values():
        first = stories.get(story.copy_of or "")
        assert story.copy_of is None or (first and first.copy_of is None and first.id == story.id)


def test_the_memory_is_bounded_and_forgets_the_oldest() -> None:
    recent = Recent(2)
    members = [filed(newcomer(name, SHORT)) for name in ("a", "b", "a", "c")]
    for each in members:
        recent.add([each])
    assert [each.article_id for each in recent.members] == ["a", "c"]


def test_of_an_article_known_twice_the_later_word_counts() -> None:
    old, new = filed(newcomer("a", TEXT)), filed(newcomer("a", OTHER))
    assert merged([old], [new]) == [new]
    assert NOTHING.bands == ()
