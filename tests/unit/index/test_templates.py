"""What is written is mapped, and what is mapped is written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from msgspec.structs import replace

from pipeline import settings
from pipeline.index import fields, templates
from pipeline.index.documents import documents
from pipeline.index.stories import Story
from pipeline.records import EnrichedArticle, Entity, Source
from tests.fakes.debates import a_debate, in_two_parts
from tests.fakes.indexed import facts_of
from tests.fakes.records import NOW, enriched_articles

# The first of a story has no ``copy_of`` and its copies no bands: no real one has both.
STORY = Story(id="0" * 32, copy_of="1" * 32, bands=("band",))


def made(enriched: EnrichedArticle) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    both = documents(enriched, STORY, facts_of(enriched), first_seen_at=NOW, ingested_at=NOW)
    return json.loads(both.article), [json.loads(each) for each in both.statements]


def complete() -> EnrichedArticle:
    """A debate in which nothing is missing, with an entity of every type."""
    debate = a_debate(
        summary="In short",
        authors=("A. Writer",),
        published_at=NOW,
        feed_id="feed",
        guid="guid",
        origin="own",
        source=Source(name="The Courier", domain="courier.example", country="CH"),
    )
    mentions = debate.annotations.entities[0].mentions
    every_type = tuple(
        Entity(name=f"a {label}", type=label, mentions=mentions)
        for label in (*fields.ENTITY_TYPES, "MISC")
    )
    annotations = replace(
        debate.annotations,
        entities=debate.annotations.entities + every_type,
        statements=tuple(
            in_two_parts(replace(each, medium="a letter")) for each in debate.annotations.statements
        ),
    )
    return replace(debate, annotations=annotations, not_annotated="language")


def test_every_mapped_field_of_an_article_is_written() -> None:
    article, _ = made(complete())
    where_another_version_says_it = {fields.LATEST_REVISION, fields.TOLD_REVISION}
    assert article.keys() | where_another_version_says_it == templates.ARTICLES.keys()


def test_every_mapped_field_of_a_statement_is_written() -> None:
    _, statements = made(complete())
    assert set().union(*statements) == templates.STATEMENTS.keys()


def test_every_mapped_field_of_a_mention_is_written() -> None:
    article, _ = made(complete())
    assert article[fields.MENTIONS][0].keys() == templates.MENTION.keys()


@given(enriched_articles())
def test_no_record_leads_to_a_field_that_is_not_mapped(enriched: EnrichedArticle) -> None:
    article, statements = made(enriched)
    assert article.keys() <= templates.ARTICLES.keys()
    assert set().union(*statements) <= templates.STATEMENTS.keys()


def test_no_field_is_both_a_value_and_an_object() -> None:
    for names in (
        templates.ARTICLES,
        templates.STATEMENTS,
        templates.REVISIONS,
        templates.HEALTH,
    ):
        parents = {name.rsplit(".", 1)[0] for name in names if "." in name}
        assert not parents & names.keys()


def test_the_mappings_are_strict_and_carry_the_schema_version() -> None:
    mappings = templates.mappings(templates.ARTICLES)
    assert mappings["dynamic"] == "strict"
    assert mappings["_meta"] == {"schema_version": templates.SCHEMA_VERSION}


def test_shards_replicas_and_refresh_are_the_operators_choice() -> None:
    index = settings.load().index.model_copy(update={"shards": 3, "replicas": 2})
    chosen = templates.common_settings(index)
    assert (chosen["number_of_shards"], chosen["number_of_replicas"]) == (3, 2)
    assert chosen["refresh_interval"] == index.refresh_interval
