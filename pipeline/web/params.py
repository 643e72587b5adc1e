"""What may stand in the address of a search. Names and meanings are those of SearchRequest."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from pipeline.records.annotations import StatementKind, StatementType
from pipeline.records.article import ID_PATTERN
from pipeline.search.asked import request_of
from pipeline.search.facets import ArticleFacet, Breakdown, StatementFacet
from pipeline.search.request import (
    DEFAULT_LIMIT,
    MAX_CHARS,
    MAX_LIMIT,
    MAX_ZOOM,
    Order,
    SearchRequest,
)

MAX_REVISION = 2**53 - 1  # what a number of JSON can be trusted to hold

ArticleId = Annotated[str, Path(pattern=ID_PATTERN, description="The id of an article.")]
Revision = Annotated[
    int, Path(ge=1, le=MAX_REVISION, description="The `revision` of a version of the article.")
]
StoryId = Annotated[str, Path(pattern=ID_PATTERN, description="The id of a story.")]
EntityName = Annotated[
    str, Path(min_length=1, max_length=MAX_CHARS, description="The canonical name.")
]
Words = Annotated[str, Field(max_length=MAX_CHARS)]
# What parse_time reads, as far as a pattern can tell; the calendar is checked behind it.
Time = Annotated[
    str,
    Field(
        pattern=r"^(?:\d{1,5}[mhdw]|\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?)$",
        examples=["2026-05-17", "2026-05-17T12:00+02:00", "24h", "7d"],
    ),
]
EntityType = Literal[
    "PERSON", "PER", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW",
    "LANGUAGE", "DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL",
]  # fmt: skip


class Narrowed(BaseModel):
    """What articles and statements can be narrowed to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Words = Field(
        "", description='Words in any form, "phrases" as written, -not, one | other, prefix*.'
    )
    speaker: Words = Field("", description="Who said it: a name or part of one.")
    entity: Words = Field("", description="Who or what it is about, or was said to.")
    role: Words = Field("", description='Words of a role: "minister".')
    source: Words = Field("", description="A source's name or domain.")
    country: str = Field("", max_length=2, description="Of the source: ISO 3166-1 alpha-2.")
    language: str = Field("", max_length=3, description="Of the text: ISO 639-1.")
    story: Words = Field("", description="The id of a story.")
    feed: Words = Field("", description="The id of a feed.")
    entity_type: EntityType | None = Field(None, description="An OntoNotes label.")
    since: Time | None = Field(None, description="From then on; or so long ago.")
    until: Time | None = Field(None, description="Up to then; a date includes its day.")
    order: Order | None = Field(
        None, description="By relevance where there are words, else newest first."
    )

    def request(self, now: datetime, **others: Any) -> SearchRequest:
        """The request. Raises InvalidSearch for what cannot be asked for."""
        asked = {name: str(value) for name, value in self.asked().items()}
        return request_of(asked, now, **others)

    def asked(self) -> dict[str, Any]:
        """The parts of it that are a search."""
        given = self.model_dump(exclude_defaults=True)
        return {name: given[name] for name in given if name in SearchRequest.__struct_fields__}


class ArticleSearch(Narrowed):
    """A search among articles."""

    stories: bool = Field(False, description="Each story once, with the number of its articles.")
    cell: str = Field(
        "", pattern=r"^(?:\d{1,2}/\d{1,4}/\d{1,4})?$", description="A cell of the map: zoom/x/y."
    )


class StatementSearch(Narrowed):
    """A search among statements."""

    type: StatementType | None = Field(None, description="How it was said.")
    kind: StatementKind | None = Field(
        None, description="speech, or thought: what someone is told to believe, want or intend."
    )
    asserted: bool = Field(False, description="Without what nobody is told to have said.")


class _Paged(BaseModel):
    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Hits on a page.")
    after: Words = Field("", description="The `next` of the page before.")
    timeline: bool = Field(False, description="Counts over time as well.")


class ArticlePage(ArticleSearch, _Paged):
    """A page of articles."""

    facet: tuple[ArticleFacet, ...] = Field((), max_length=10, description="What to count by.")

    def beside(self, now: datetime) -> Breakdown:
        """What to count beside the hits."""
        return Breakdown(self.facet, _unit(self, now) if self.timeline else None)


class StatementPage(StatementSearch, _Paged):
    """A page of statements."""

    facet: tuple[StatementFacet, ...] = Field((), max_length=10, description="What to count by.")

    def beside(self, now: datetime) -> Breakdown:
        """What to count beside the hits."""
        return Breakdown(self.facet, _unit(self, now) if self.timeline else None)


class Map(ArticleSearch):
    """Articles on a map."""

    zoom: int = Field(4, ge=0, le=MAX_ZOOM, description="0: the world; each step quarters a cell.")


def _unit(asked: Narrowed, now: datetime) -> Literal["hour", "day"]:
    """Hours where a search reaches over few days: there would be too many of them otherwise."""
    request = asked.request(now)
    since, until = request.since, request.until or now
    return "hour" if since is not None and (until - since).days < _DAYS_OF_HOURS else "day"


_DAYS_OF_HOURS = 5
