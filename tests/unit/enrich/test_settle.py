"""Who is a person of the story, and who is not."""

import pytest

from pipeline.enrich.furniture import find_furniture, lies_within
from pipeline.enrich.lexicon import people


def persons(annotate, text: str) -> list[str]:
    return [entity.name for entity in annotate(text).entities if entity.type == "PERSON"]


def typed(annotate, text: str) -> dict[str, str]:
    return {entity.name: entity.type for entity in annotate(text).entities}


@pytest.mark.parametrize(
    ("paragraph", "part"),
    [
        ("READ MORE: Peter Hansen resigns", "READ MORE: Peter Hansen resigns"),
        ("WATCH BELOW: Peter Hansen speaks.", "WATCH BELOW: Peter Hansen speaks."),
        ("It rained. With files from Peter Hansen", "With files from Peter Hansen"),
        ("Peter Hansen has the details. It rained.", "Peter Hansen has the details."),
    ],
)
def test_credits_and_links_are_furniture(paragraph, part):
    text = f"Maria Lopez spoke on Monday.\n\n{paragraph}\n\nShe left."
    (found,) = find_furniture(text, people())
    assert found.of(text).strip() == part
    assert lies_within([found], text.index("Hansen"))
    assert not lies_within([found], text.index("Lopez"))
    assert not lies_within([found], text.index("She left"))


@pytest.mark.parametrize("text", ["", "They watch: nothing.", "The details were lost, Lopez said."])
def test_a_story_is_no_furniture(text):
    assert find_furniture(text, people()) == []


def test_whom_only_a_credit_names_is_nobody_of_the_story(annotate):
    text = (
        "Maria Lopez opened the bridge on Monday.\n\nWith files from Peter Hansen and Anna Kowalska"
    )
    assert persons(annotate, text) == ["Maria Lopez"]


def test_who_is_in_the_story_too_stays(annotate):
    text = "Peter Hansen opened the bridge on Monday.\n\nREAD MORE: Peter Hansen on bridges"
    assert persons(annotate, text) == ["Peter Hansen"]


def test_a_name_before_a_surname_belongs_to_it(annotate):
    assert persons(annotate, "President Moon Jae-in met Maria Lopez in Seoul.") == [
        "Moon Jae-in",
        "Maria Lopez",
    ]


def test_a_single_name_with_a_title_or_a_word_of_its_own_is_a_person(annotate):
    assert "Okoro" in persons(annotate, "Mr Okoro left the city on Monday.")
    assert "Okoro" in persons(annotate, "“It was late,” Okoro said on Monday.")
