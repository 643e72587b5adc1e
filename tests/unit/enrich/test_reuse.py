"""A text is annotated once, whatever headlines its copies come under."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from pipeline.enrich import TextInput, enrich
from pipeline.enrich.memory import Memory, annotate_new
from pipeline.enrich.salience import weigh
from pipeline.errors import Rejected
from pipeline.records import Annotations, Entity, Mention, Model, Reason, Span, encode
from tests.fakes.records import NOW, an_article, enriched_articles, some_annotations, texts
from tests.unit.enrich.golden import load_case
from tests.unit.enrich.test_golden import CASES

MODELS = {"en": Model(name="english", version="1"), "fr": Model(name="french", version="2")}
PLENTY = 1_000_000
EMPTY_ENTRY = 300 + len(encode(Annotations()))


class Remembering:
    """An annotator in this process with a memory; keeps what came through to it."""

    def __init__(self, annotate, limit: int = PLENTY):
        self._annotate = annotate
        self._memory = Memory(limit)
        self.asked = []

    async def __call__(self, given_texts):
        return await annotate_new(given_texts, self._memory, self._fresh)

    async def _fresh(self, fresh):
        self.asked += fresh
        return self._annotate(fresh)


def empty(given_texts):
    return [Annotations() for _ in given_texts]


def inputs(letters: str) -> list[TextInput]:
    return [TextInput(letter) for letter in letters]


def reused() -> float:
    return REGISTRY.get_sample_value("news_annotations_reused_total") or 0.0


async def in_batches(articles, annotate, size: int) -> list[bytes]:
    starts = range(0, len(articles), size)
    done = [await enrich(articles[at : at + size], annotate, MODELS, NOW) for at in starts]
    return [encode(article) for batch in done for article in batch]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
async def test_a_copy_under_another_title_is_byte_for_byte_what_it_would_be_alone(folder, enricher):
    text, _ = load_case(folder)
    titles = ["Nothing but rain", text[:80], text[-80:]]
    articles = [an_article(text=text, title=title) for title in titles]
    forgetful, remembering = Remembering(enricher.annotate, limit=0), Remembering(enricher.annotate)
    alone = await in_batches(articles, forgetful, size=1)
    assert await in_batches(articles, remembering, size=2) == alone
    assert (len(forgetful.asked), len(remembering.asked)) == (3, 1)


async def test_texts_that_needed_no_model_are_counted():
    before = reused()
    annotate = Remembering(empty)
    await annotate(inputs("aab"))
    await annotate(inputs("bc"))
    assert [text.text for text in annotate.asked] == ["a", "b", "c"]
    assert reused() == before + 2


@pytest.mark.parametrize(
    "other",
    [
        TextInput("The  bridge is old.", "en"),
        TextInput("the bridge is old.", "en"),
        TextInput("The bridge is old.", "fr"),
        TextInput("The bridge is old.", None),
    ],
)
async def test_other_spacing_or_case_or_another_language_is_another_text(other):
    annotate = Remembering(empty)
    await annotate([TextInput("The bridge is old.", "en"), other])
    assert len(annotate.asked) == 2


def test_memory_forgets_what_was_met_longest_ago_and_keeps_no_rejections():
    memory = Memory(2 * EMPTY_ENTRY)
    a, b, c, d = inputs("abcd")
    memory.remember({a: Annotations(), b: Annotations()})
    memory.known([a])
    memory.remember({c: Annotations(), d: Rejected(Reason.NLP_ERROR, "no")})
    assert list(memory.known([a, b, c, d])) == [a, c]


def test_memory_is_bounded_by_the_size_of_what_was_found():
    large = some_annotations()
    memory = Memory(2 * EMPTY_ENTRY + len(encode(large)))
    a, b, c = inputs("abc")
    memory.remember(dict.fromkeys([a, b, c], large))
    assert list(memory.known([a, b, c])) == [c]


@given(st.lists(st.sampled_from("abcdef"), max_size=30), st.integers(0, 6))
def test_memory_keeps_the_texts_met_last_however_often_they_were_met(letters, entries):
    memory = Memory(entries * EMPTY_ENTRY)
    for text in inputs("".join(letters)):
        memory.remember({text: Annotations()})
    last = list(dict.fromkeys(reversed(letters)))[:entries]
    assert {text.text for text in memory.known(inputs("abcdef"))} == set(last)


@given(enriched_articles())
def test_what_is_remembered_comes_back_as_it_was_found(article):
    memory, text = Memory(PLENTY), TextInput(article.article.text)
    memory.remember({text: article.annotations})
    assert memory.known([text]) == {text: article.annotations}


def an_entity(name: str, *starts: int, kind: str = "name") -> Entity:
    mentions = (Mention(text=name, span=Span(at, at + len(name)), kind=kind) for at in starts)
    return Entity(name=name, type="PERSON", mentions=tuple(mentions))


@pytest.mark.parametrize(
    ("title", "saliences"),
    [
        ("", [1.0, 0.75, 0.25]),  # 4, 3 and 1: mentions, and 2 for the opening
        ("Rain over Brennick", [0.6667, 1.0, 0.1667]),  # 4, 6 and 1
        ("Oslo and Ada Lind", [1.0, 0.4286, 0.5714]),  # 7, 3 and 4
        ("x" * 1_000 + "Oslo", [1.0, 0.75, 0.25]),
    ],
)
def test_an_entity_named_in_the_title_weighs_more(title, saliences):
    entities = (an_entity("Ada Lind", 0, 600), an_entity("Brennick", 20), an_entity("Oslo", 700))
    found = weigh(Annotations(entities=entities), title)
    assert [entity.salience for entity in found.entities] == saliences


def test_only_names_are_looked_for_in_the_title():
    entities = (an_entity("Ada Lind", 0), an_entity("she", 700, kind="pronoun"))
    found = weigh(Annotations(entities=entities), "What she said")
    assert [entity.salience for entity in found.entities] == [1.0, 0.3333]


@given(enriched_articles(), texts, texts)
def test_a_title_changes_nothing_but_saliences_and_the_last_one_holds(article, title, other):
    found = article.annotations
    weighed = weigh(found, title)
    assert encode(weigh(weigh(found, other), title)) == encode(weighed)
    assert max((entity.salience for entity in weighed.entities), default=1.0) == 1.0
    before = [msgspec.structs.replace(entity, salience=0.0) for entity in found.entities]
    assert [msgspec.structs.replace(each, salience=0.0) for each in weighed.entities] == before
    assert weighed.statements == found.statements
