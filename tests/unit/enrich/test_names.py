"""Where names begin and end, and what they are names of."""

import pytest


def types(annotate, text: str) -> dict[str, str]:
    return {e.name: e.type for e in annotate(text).entities}


def named(annotate, text: str, name: str) -> list[str]:
    found = next(e for e in annotate(text).entities if e.name == name)
    return [mention.text for mention in found.mentions]


@pytest.mark.parametrize(
    ("text", "name", "type_"),
    [
        ("St Brigid’s Hospital said that it would open forty beds.", "St Brigid’s Hospital", "ORG"),
        ("Work on the line was stopped by Coastal GasLink.", "Coastal GasLink", "ORG"),
        ("She told Radio Lee that the road was closed.", "Radio Lee", "ORG"),
        ("The Bath Courier printed the letter.", "Bath Courier", "ORG"),
        ("They met in the Caucasus on Friday.", "Caucasus", "LOC"),
        ("Talks about the Korean peninsula went on.", "Korean peninsula", "LOC"),
        ("OTTAWA — The minister left on Friday.", "OTTAWA", "GPE"),
        ("A crowd met in Jasper National Park.", "Jasper National Park", "FAC"),
        ("The media company Brightwell said it would pay.", "Brightwell", "ORG"),
        ("Hereditary Chief Na'moks said he would wait.", "Na'moks", "PERSON"),
        ("Critics said that President Obama was wrong.", "Obama", "PERSON"),
    ],
)
def test_a_name_is_whole_and_of_its_kind(annotate, text, name, type_):
    assert types(annotate, text).get(name) == type_


@pytest.mark.parametrize(
    ("text", "no_name"),
    [
        ("They want an answer before Easter, she said.", "Easter"),
        ("She won the Hansen Prize for Courage in 2015.", "Hansen Prize for Courage"),
        ("The Chief Financial Officer left.", "Financial"),
        ("He plays in St., Louis.", "St."),
    ],
)
def test_what_is_no_entity_is_none(annotate, text, no_name):
    assert no_name not in types(annotate, text)


def test_a_short_form_is_a_mention_of_the_whole_name(annotate):
    text = "The Washington Post printed it. On Monday the Post apologised."
    assert named(annotate, text, "Washington Post") == ["Washington Post", "Post"]


def test_a_broadcaster_goes_by_its_first_word(annotate):
    text = "She works for Fox News. A host on Fox disagreed."
    assert named(annotate, text, "Fox News") == ["Fox News", "Fox"]


def test_a_part_that_two_names_share_is_a_short_form_of_neither(annotate):
    text = (
        "The Labour Court and the Federal Court met. In June the Court of Brennick was asked. "
        "Nobody went to the Court."
    )
    found = types(annotate, text)
    assert {"Labour Court", "Federal Court"} <= found.keys()
    assert "Court" not in named(annotate, text, "Labour Court")


def test_places_in_one_country_stay_apart_and_abbreviations_join_their_region(annotate):
    found = annotate("He moved from British Columbia, Canada, to Springfield, Ill., in Illinois.")
    assert {"British Columbia", "Canada", "Illinois"} <= {e.name for e in found.entities}


def test_nouns_of_bodies_mean_the_one_that_is_called_so(annotate):
    text = "Marlow College is near Inchmore Airport. The airport said it would buy blankets."
    (statement,) = annotate(text).statements
    assert statement.speaker.entity == "Inchmore Airport"


def test_the_house_is_not_the_white_house(annotate):
    text = "The White House said nothing. The house burned down."
    assert named(annotate, text, "White House") == ["White House"]


def test_names_of_two_that_and_joins_are_apart_where_each_stands_alone(annotate):
    text = (
        "She ran Canadian Business and Flare. He liked Canadian Business. He also liked Flare, "
        "and Flare and Canadian Business were sold."
    )
    assert "Canadian Business and Flare" not in types(annotate, text)
