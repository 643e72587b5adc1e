"""Thoughts, nouns that attribute, the passive, headlines: one construction a test."""

import pytest

from tests.unit.enrich.test_statements import only, said


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Maria Lopez believes the bridge is safe.", "the bridge is safe"),
        ("Maria Lopez promised to reopen the bridge in May.", "to reopen the bridge in May"),
        ("Maria Lopez wants to repair the bridge.", "to repair the bridge"),
        ("Maria Lopez refused to repair the bridge.", "to repair the bridge"),
        ("Maria Lopez opposes the new bridge.", "the new bridge"),
        ("Maria Lopez called for an inquiry into the bridge.", "an inquiry into the bridge"),
        ("Maria Lopez is confident that the bridge is safe.", "the bridge is safe"),
        ("Maria Lopez's promise to repair the bridge was broken.", "to repair the bridge"),
    ],
)
def test_what_is_believed_meant_or_opposed_is_a_thought(annotate, text, content):
    statement = only(annotate, text)
    assert (statement.kind, statement.content.text) == ("thought", content)
    assert statement.speaker.entity == "Maria Lopez"


@pytest.mark.parametrize("cue", ["urged", "asked", "called on", "ordered"])
def test_who_is_to_act_is_the_addressee(annotate, cue):
    statement = only(annotate, f"Maria Lopez {cue} the council to repair the bridge.")
    assert statement.content.text == "to repair the bridge"
    assert (statement.kind, statement.addressee) == ("thought", "the council")


@pytest.mark.parametrize(
    "text",
    [
        "If Maria Lopez says that the bridge is safe, it will open.",
        "Maria Lopez could say that the bridge is safe.",
        "Maria Lopez might argue that the bridge is safe.",
    ],
)
def test_what_may_be_said_is_hypothetical(annotate, text):
    statement = only(annotate, text)
    assert statement.hypothetical
    assert statement.content.text == "the bridge is safe"


def test_what_was_said_is_not_hypothetical(annotate):
    assert not only(annotate, "Maria Lopez said that the bridge might open.").hypothetical


@pytest.mark.parametrize(
    ("text", "speaker", "addressee"),
    [
        ("The residents were told by Maria Lopez that it fell.", "Maria Lopez", "The residents"),
        ("It was announced by Maria Lopez that it fell.", "Maria Lopez", None),
        ("The residents were told that it fell.", None, "The residents"),
    ],
)
def test_the_passive_has_its_speaker_behind_by(annotate, text, speaker, addressee):
    statement = only(annotate, text)
    assert (statement.speaker and statement.speaker.entity) == speaker
    assert (statement.addressee, statement.content.text) == (addressee, "it fell")


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("A warning from the ministry that the bridge may fall was ignored.", "the ministry"),
        ("He made the claim that the bridge may fall.", "He"),
        ("No one believed the union's claim that the bridge may fall.", "the union"),
    ],
)
def test_a_noun_attributes_to_whose_it_is(annotate, text, speaker):
    found = [pair for pair in said(annotate, text) if pair[1] == "the bridge may fall"]
    assert found == [(speaker, "the bridge may fall")]


def test_papers_that_show_something_speak(annotate):
    statement = only(annotate, "A study found that bridges are safe.")
    assert (statement.kind, statement.speaker.entity) == ("speech", "A study")


def test_what_something_is_called_is_said(annotate):
    statement = only(annotate, "Maria Lopez called the plan “reckless” and unfair.")
    assert statement.content.text == "the plan “reckless” and unfair"
    assert (statement.kind, statement.type) == ("speech", "mixed")


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ("Mayor: no deal on bridge\n\nIt rained.", "Mayor", "no deal on bridge"),
        (
            "‘We were lied to’: nurses\n\nIt rained.",
            "nurses",
            "‘We were lied to’",
        ),
        (
            "Bridge talks\n\nIt rained on Maria Lopez.\n\nLopez: I was there.",
            "Maria Lopez",
            "I was there",
        ),
    ],
)
def test_a_colon_gives_the_word_to_who_stands_beside_it(annotate, text, speaker, content):
    assert said(annotate, text) == [(speaker, content)]


@pytest.mark.parametrize(
    "text",
    [
        "The winners\n\nBest actor: Ben Stone, The Salt Road",
        "The bridge\n\nREAD MORE: It will not open this year",
        "All told, the bridge cost two million.",
    ],
)
def test_a_colon_alone_attributes_nothing(annotate, text):
    assert said(annotate, text) == []
