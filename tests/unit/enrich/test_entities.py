"""Who and what is named."""

import pytest


def people(annotate, text: str) -> dict[str, tuple[str, ...]]:
    return {e.name: e.roles for e in annotate(text).entities if e.type == "PERSON"}


def entity(annotate, text: str, name: str):
    return next(e for e in annotate(text).entities if e.name == name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Defense Minister Anna Kowalska spoke. Kowalska left.",
            {"Anna Kowalska": ("Defense Minister",)},
        ),
        (
            "Anna Kowalska, head of the city's water board, spoke.",
            {"Anna Kowalska": ("head of the city's water board",)},
        ),
        (
            "The chair of the committee, Anna Kowalska, spoke.",
            {"Anna Kowalska": ("chair of the committee",)},
        ),
        (
            "Permanent Secretary Major General Peter Hansen spoke.",
            {"Peter Hansen": ("Permanent Secretary", "Major General")},
        ),
        ("Mr. Peter Hansen met Mrs. Anna Kowalska.", {"Peter Hansen": (), "Anna Kowalska": ()}),
        ("Peter Hansen's car was stolen.", {"Peter Hansen": ()}),
        (
            "Ambassador Jane Miller, Chief of Staff Peter Hansen and others came.",
            {"Jane Miller": ("Ambassador",), "Peter Hansen": ("Chief of Staff",)},
        ),
    ],
)
def test_titles_and_descriptions_are_roles_and_no_part_of_the_name(annotate, text, expected):
    assert people(annotate, text) == expected


def test_a_surname_is_a_mention_of_the_full_name(annotate):
    found = entity(annotate, "Peter Hansen came late. Hansen apologised.", "Peter Hansen")
    assert [mention.text for mention in found.mentions] == ["Peter Hansen", "Hansen"]
    assert found.aliases == ("Hansen",)


def test_people_of_one_family_name_stay_apart(annotate):
    text = (
        "Marta Hansen ran against Oscar Hansen. Mr Hansen lost to Ms Hansen, "
        "who thanked Oscar Hansen."
    )
    found = {
        e.name: len([m for m in e.mentions if m.kind == "name"]) for e in annotate(text).entities
    }
    assert found == {"Marta Hansen": 2, "Oscar Hansen": 3}


def test_an_acronym_is_an_alias_of_what_it_stands_for(annotate):
    text = "The World Health Organization (WHO) met on Monday. The WHO will meet again."
    found = entity(annotate, text, "World Health Organization")
    assert "WHO" in found.aliases
    assert "WHO" not in {e.name for e in annotate(text).entities}


def test_places_have_their_country_and_towns_their_location(annotate):
    text = "Peter Hansen flew from Copenhagen to Brazil on Monday, and then to the US."
    town = entity(annotate, text, "Copenhagen")
    assert (town.country, round(town.location.lat)) == ("DK", 56)
    assert entity(annotate, text, "Brazil").country == "BR"
    assert entity(annotate, text, "US").country == "US"


def test_names_of_one_country_are_one_entity(annotate):
    text = "The United States agreed. The U.S. signed first, and the US paid."
    countries = [e for e in annotate(text).entities if e.type == "GPE"]
    assert [(e.name, len(e.mentions)) for e in countries] == [("United States", 3)]


def test_a_name_is_written_as_in_the_text_and_not_as_in_the_dateline(annotate):
    text = "LISBON – The bridge will open. Officials in Lisbon said so."
    assert entity(annotate, text, "Lisbon").aliases == ("LISBON",)


def test_who_takes_a_photograph_is_not_in_the_article(annotate):
    text = "Peter Hansen leaves court on Monday. (Jane Miller/Associated Press)"
    assert set(people(annotate, text)) == {"Peter Hansen"}


def test_the_main_figure_has_salience_one(annotate):
    text = "Peter Hansen met Anna Kowalska. Hansen left. He was tired."
    saliences = {e.name: e.salience for e in annotate(text).entities}
    assert saliences["Peter Hansen"] == 1.0 > saliences["Anna Kowalska"] > 0


def test_mentions_tell_names_from_nominals_and_pronouns(annotate):
    text = "Mayor Peter Hansen spoke on Monday. The mayor was tired, and he left."
    found = entity(annotate, text, "Peter Hansen")
    assert {(m.text, m.kind) for m in found.mentions} == {
        ("Peter Hansen", "name"),
        ("The mayor", "nominal"),
        ("he", "pronoun"),
    }
