"""From articles to enriched articles."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich import TextInput, enrich, story_id
from pipeline.errors import Rejected
from pipeline.records import (
    Annotations,
    Article,
    EnrichedArticle,
    Entity,
    Mention,
    Model,
    Reason,
    Source,
    Span,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODELS = {
    "en": Model(name="english", version="1"),
    "fr": Model(name="french", version="2"),
}
ENGLISH = "The mayor said on Monday that the old bridge would be closed until the autumn."
GERMAN = "Der Bürgermeister sagte am Montag, dass die alte Brücke geschlossen bleibt."
FRENCH = "Le maire a déclaré lundi que le vieux pont serait fermé jusqu'à l'automne prochain."


def article(text: str, **fields) -> Article:
    made = Article(
        id="0" * 32,
        revision=1,
        title="Title",
        text=text,
        source=Source(name="Source"),
        first_seen_at=NOW,
        fetched_at=NOW,
        content_sha256="0" * 64,
    )
    return msgspec.structs.replace(made, **fields)


class Recorder:
    """Annotates with the first word; keeps what it was asked."""

    def __init__(self):
        self.asked = []

    async def __call__(self, texts):
        self.asked += texts
        return [self._outcome(text.text) for text in texts]

    def _outcome(self, text):
        if "refuse" in text:
            return Rejected(Reason.NLP_CRASH, "refused")
        word = text.split()[0]
        mention = Mention(text=word, span=Span(0, len(word)))
        return Annotations(entities=(Entity(name=word, type="ORG", mentions=(mention,)),))


async def test_articles_are_annotated_in_order():
    annotate = Recorder()
    results = await enrich([article(ENGLISH), article("One more.")], annotate, MODELS, NOW)
    assert [r.annotations.entities[0].name for r in results] == ["The", "One"]
    assert {(r.model, r.enriched_at, r.not_annotated) for r in results} == {
        (MODELS["en"], NOW, None)
    }
    assert annotate.asked == [TextInput(ENGLISH, "en"), TextInput("One more.", None)]


async def test_the_title_weighs_what_was_found_in_the_text():
    towns = {"Oslo": Span(0, 4), "Bergen": Span(9, 15)}
    entities = tuple(
        Entity(name=name, type="GPE", mentions=(Mention(text=name, span=span),))
        for name, span in towns.items()
    )

    async def annotate(texts):
        return [Annotations(entities=entities) for _ in texts]

    given = [article("Oslo and Bergen.", title=title) for title in ("Rain", "Bergen")]
    results = await enrich(given, annotate, MODELS, NOW)
    found = [[entity.salience for entity in result.annotations.entities] for result in results]
    assert found == [[1.0, 1.0], [0.5, 1.0]]


async def test_another_language_passes_through_unread():
    annotate = Recorder()
    results = await enrich([article(GERMAN), article(ENGLISH)], annotate, MODELS, NOW)
    assert results[0].not_annotated == "no model for language 'de'"
    assert results[0].article.language == "de"
    assert results[0].annotations == Annotations()
    assert [text.text for text in annotate.asked] == [ENGLISH]


async def test_each_text_names_the_model_of_its_language():
    annotate = Recorder()
    texts = [article(FRENCH), article(ENGLISH), article("Short.")]
    results = await enrich(texts, annotate, MODELS, NOW)
    assert [result.model.name for result in results] == ["french", "english", "english"]
    assert [text.language for text in annotate.asked] == ["fr", "en", None]


async def test_a_rejected_text_is_rejected_in_its_place():
    results = await enrich(
        [article(ENGLISH), article("refuse this"), article(ENGLISH)], Recorder(), MODELS, NOW
    )
    assert [type(result) for result in results] == [EnrichedArticle, Rejected, EnrichedArticle]


@pytest.mark.parametrize(
    ("text", "claimed", "language"),
    [
        (ENGLISH, None, "en"),
        (ENGLISH, "fr", "en"),  # a feed's word counts less than the text
        (ENGLISH, "en-GB", "en"),
        ("Too short.", "en_US", "en"),
        ("Too short.", None, None),
        ("1234 5678", "de-AT", "de"),
    ],
)
async def test_the_text_decides_its_language_and_the_feed_where_it_is_short(
    text, claimed, language
):
    (result,) = await enrich([article(text, language=claimed)], Recorder(), MODELS, NOW)
    assert result.article.language == language


@pytest.mark.parametrize(
    "copy", ["THE  mayor said\nso.", "the mayor said so. ", "The\xa0mayor said so."]
)
def test_copies_of_a_story_share_its_id(copy):
    assert story_id(copy) == story_id("The mayor said so.")


def test_another_story_has_another_id():
    assert story_id("The mayor said so.") != story_id("The mayor said no.")


@given(st.text())
def test_a_story_id_is_128_bits_for_any_text(text):
    assert len(bytes.fromhex(story_id(text))) == 16
