"""What a saved search found in one article."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from pipeline.records.annotations import StatementKind, StatementType
from pipeline.records.article import ArticleId, AwareTime
from pipeline.records.saved_search import About, SearchId

MAX_TITLE_CHARS = 500
MAX_CONTENT_CHARS = 1_000
MAX_STATEMENTS = 5


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


Event: TypeAlias = Literal["found", "refused", "resumed"]
"""What an alert tells of: a find, or that its search cannot be asked, or can be again."""


class AlertStatement(_Record, frozen=True):
    """A statement that was found; long contents are cut. Its fields are as in a Statement."""

    id: str
    speaker: str | None
    cue: str | None
    content: Annotated[str, msgspec.Meta(max_length=MAX_CONTENT_CHARS)]
    type: StatementType
    kind: StatementKind = "speech"
    negated: bool = False
    hypothetical: bool = False


class Alert(_Record, frozen=True):
    """A search found an article, or statements of it: told once, whatever corrections follow.

    ``id`` is made from the search and the article (or the story, where the search asks for each
    story once): the same find has the same id. ``statements`` are the first that match, in text
    order, of ``statement_count``. ``snippet`` is a passage of the text. ``revision`` is the version
    that was found first, and ``indexed_at`` when it was indexed.

    Where ``event`` is not ``found``, it is about the search itself: ``title`` says what,
    ``snippet`` why, and ``article_id`` is no article's.
    """

    id: ArticleId
    search_id: SearchId
    search_name: str
    about: About
    article_id: ArticleId
    revision: Annotated[int, msgspec.Meta(ge=1)]
    title: Annotated[str, msgspec.Meta(max_length=MAX_TITLE_CHARS)]
    url: str | None
    source: str
    published_at: AwareTime | None
    indexed_at: AwareTime
    snippet: Annotated[str, msgspec.Meta(max_length=MAX_CONTENT_CHARS)] = ""
    statements: Annotated[tuple[AlertStatement, ...], msgspec.Meta(max_length=MAX_STATEMENTS)] = ()
    statement_count: Annotated[int, msgspec.Meta(ge=0)] = 0
    event: Event = "found"
