"""Facets lead where they say, and what was chosen can be taken away."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from pipeline.search.facets import Count, Facet
from pipeline.web.pages.search_page import STATEMENT_FACETS, address, choices, next_url, searched

ASKED = {"text": "bridge", "asserted": True}
words = st.text(min_size=1, max_size=20)


def asked_by(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_choosing_a_value_adds_it_to_what_is_asked() -> None:
    counted = {"about": Facet((Count("A&B <i>", 2),), 5)}
    (facet,) = choices(searched("/statements", ASKED), counted, STATEMENT_FACETS)
    (choice,) = facet.values
    assert (facet.title, facet.other) == ("About", 5)
    assert asked_by(choice.url) == {"text": "bridge", "asserted": "true", "entity": "A&B <i>"}


def test_what_is_chosen_is_offered_no_more_and_can_be_taken_away() -> None:
    asked = {**ASKED, "speaker": "Ada Lind"}
    shown = searched("/statements", asked)
    assert choices(shown, {"speaker": Facet((Count("Ada Lind", 2),))}, STATEMENT_FACETS) == ()
    without = {each.name: asked_by(each.url) for each in shown.chosen}
    assert without["speaker"] == {"text": "bridge", "asserted": "true"}
    assert without["only what was said"] == {"text": "bridge", "speaker": "Ada Lind"}


def test_the_next_page_and_the_export_ask_the_same() -> None:
    shown = searched("/statements", ASKED)
    assert next_url(shown, None) is None
    assert asked_by(next_url(shown, "abc") or "") == {
        "text": "bridge",
        "asserted": "true",
        "after": "abc",
    }
    assert shown.export_url.startswith("/api/v1/statements/export?")


@given(st.dictionaries(st.sampled_from(["text", "speaker"]), words), words)
def test_an_address_says_what_it_was_made_of(asked: dict[str, str], value: str) -> None:
    made = address("/statements", asked, role=value, speaker=None)
    expected = {name: each for name, each in asked.items() if name != "speaker"}
    assert asked_by(made) == {**expected, "role": value}
