"""What holds for every text."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.enrich import TextInput
from pipeline.enrich.parse import readable
from pipeline.records import Annotations, decode, encode

WORDS = (
    "“ ” \" ' ‘ ’ « » \n . , : ; ! ? ( ) – — - / … ’s 's said told he she they I we "
    "according to that whether the minister office his her did not say declined Mr Minister "
    "Anna Kowalska Paris US ITSA (ITSA) made clear"
    " reporters in a statement \u200b \xa0 \ud800 日本 𝔘"
)
FRENCH_WORDS = (
    '« » “ ” " \n . , : ; ! ? ( ) – - … ’ -t -il a-t-il dit-elle explique-t-il il elle lui on nous '
    "selon d’après que qu’ si le la les un une son sa ses de du à par pour pourrait dire promis "
    "de venir a déclaré affirme n’ pas M. Mme ministre Anna Kowalska Paris Espagne au contraire"
)
FRENCH_NEWS = st.lists(st.sampled_from(FRENCH_WORDS.split(" ")), max_size=60).map(" ".join)
NEWS = st.lists(st.sampled_from([*WORDS.split(" "), " "]), max_size=60).map(" ".join)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(NEWS, st.text(max_size=80)).filter(str.strip))
def test_every_span_covers_the_string_it_says(enricher, text):
    outcome = enricher.annotate([TextInput(text)])[0]
    assert isinstance(outcome, Annotations), outcome
    outcome.check(text)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(FRENCH_NEWS, st.text(max_size=80)).filter(str.strip))
def test_every_span_covers_the_string_it_says_in_french(enricher, text):
    outcome = enricher.annotate([TextInput(text, language="fr")])[0]
    assert isinstance(outcome, Annotations), outcome
    outcome.check(text)


@given(st.text(), st.sampled_from(["en", "fr"]))
def test_what_the_model_is_shown_is_as_long_as_the_text(text, language):
    shown = readable(text, language)
    assert len(shown) == len(text)
    shown.encode("utf-8")


def test_annotations_survive_the_codec(annotate):
    found = annotate("“The bridge is closed,” said Mayor Anna Kowalska in Paris. “It is old.”")
    assert decode(encode(found), Annotations) == found


@pytest.mark.parametrize(
    "text",
    [
        "he said " * 4_000,
        "“" * 30_000,
        "“a " * 8_000,
        "'a " * 8_000,
        "a" * 100_000,
        "(" * 100_000,
        "“He said,” he said, " * 2_000,
        "the minister said the " * 2_000,
        "\n" * 100_000 + "a",
        "Anna Kowalska, " * 4_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_no_text_takes_more_than_its_share_of_time(enricher, text):
    started = time.monotonic()
    outcome = enricher.annotate([TextInput(text)])[0]
    assert isinstance(outcome, Annotations)
    # The model itself reads 1,000 to 5,000 words a second; rules that grew with the square of the
    # text would need minutes.
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "text",
    [
        "a-t-il dit " * 4_000,
        "« " * 30_000,
        "« “" * 30_000,
        "selon lui, " * 8_000,
        "-il" * 8_000,
        "au contraire " * 8_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_no_french_text_takes_more_than_its_share_of_time(enricher, text):
    started = time.monotonic()
    outcome = enricher.annotate([TextInput(text, language="fr")])[0]
    assert isinstance(outcome, Annotations)
    assert time.monotonic() - started < 60


def test_each_text_of_a_call_is_read_by_the_model_of_its_language(enricher):
    english, french = "Anna Kowalska said it rains.", "Anna Kowalska affirme qu’il pleut."
    texts = [TextInput(french, language="fr"), TextInput(english), TextInput(french, language="fr")]
    found = enricher.annotate(texts)
    contents = [outcome.statements[0].content.text for outcome in found]
    assert contents == ["il pleut", "it rains", "il pleut"]


def test_a_text_that_fails_does_not_take_others_with_it(enricher):
    class Unreadable(str):
        __slots__ = ()

        def translate(self, table):
            raise ValueError("unreadable")

    texts = [TextInput("Anna Kowalska spoke."), TextInput(Unreadable("x")), TextInput("Paris won.")]
    first, second, third = enricher.annotate(texts)
    assert first.entities[0].name == "Anna Kowalska"
    assert str(second) == "nlp-error: the model raised ValueError"
    assert third.entities[0].name == "Paris"


def test_an_empty_text_has_no_annotations(enricher):
    assert enricher.annotate([TextInput("  \n ")]) == [Annotations()]
