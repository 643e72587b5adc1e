"""No text becomes documents without number."""

from __future__ import annotations

from msgspec.structs import replace

from pipeline.enrich.bounds import (
    MOST_ENTITIES,
    MOST_MENTIONS,
    MOST_STATEMENTS,
    bounded,
    is_full,
)
from pipeline.records import Annotations, Entity, Mention, Span
from tests.fakes.debates import SENTENCE, a_debate

MANY = a_debate(statements=MOST_STATEMENTS + 200)


def test_what_people_write_is_left_as_it_is() -> None:
    found = a_debate(statements=30).annotations
    assert bounded(found) is found
    assert not is_full(found)


def test_the_first_statements_stay_and_fit_their_text() -> None:
    found = bounded(MANY.annotations)
    assert found.statements == MANY.annotations.statements[:MOST_STATEMENTS]
    found.check(MANY.article.text)
    assert is_full(found)


def test_a_statement_is_not_reported_by_one_that_is_left_out() -> None:
    statements = list(MANY.annotations.statements)
    statements[0] = replace(statements[0], reported_by=statements[-1].id)
    statements[1] = replace(statements[1], reported_by=statements[2].id)
    found = bounded(replace(MANY.annotations, statements=tuple(statements)))
    assert found.statements[0].reported_by is None
    assert found.statements[1].reported_by == statements[2].id


def named(count: int, mentions: int) -> tuple[Entity, ...]:
    mention = Mention(text=SENTENCE[:8], span=Span(0, 8))
    return tuple(
        Entity(name=f"N{number}", type="PERSON", mentions=(mention,) * mentions)
        for number in range(count)
    )


def test_entities_and_mentions_have_a_bound_and_whoever_speaks_stays() -> None:
    few = a_debate(statements=3)
    crowd = (*named(MOST_ENTITIES + 50, 12), *few.annotations.entities)
    found = bounded(Annotations(entities=crowd, statements=few.annotations.statements))
    found.check(few.article.text)
    assert len(found.entities) <= MOST_ENTITIES + 3
    assert sum(len(each.mentions) for each in found.entities) <= MOST_MENTIONS
    assert all(each.mentions for each in found.entities)
