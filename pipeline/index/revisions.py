"""Superseded revisions: which of them are kept, and as what documents. Pure.

A revision is kept under an id of its own in the month of its article, and never changed: writing it
a second time, after a worker was killed, meets itself.

Its statements go along as plain JSON that is stored and not indexed: they are there to be shown
beside what took their place. Entities and their mentions stay out: nested, each would be a document
of its own, and the corrected article has its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from pipeline.index import fields
from pipeline.index.bulk_outcome import Operation
from pipeline.index.plan import Candidate, Stored
from pipeline.records import EnrichedArticle, Origin, rank

KEPT = (
    fields.TIMESTAMP,
    fields.INGESTED,
    fields.ARTICLE_ID,
    fields.REVISION,
    fields.ORIGIN,
    fields.TITLE,
    fields.TEXT,
    fields.AUTHORS,
    fields.URL,
    fields.URL_DOMAIN,
    fields.SOURCE,
    fields.SOURCE_DOMAIN,
    fields.SOURCE_COUNTRY,
    fields.TOLD_BY,
    fields.FEED,
    fields.LANGUAGE,
    fields.STORY,
    fields.COPY_OF,
    fields.PUBLISHED,
    fields.FIRST_SEEN,
    fields.FETCHED,
    fields.CONTENT_SHA256,
    fields.TRUNCATED,
    fields.MODEL_NAME,
    fields.MODEL_VERSION,
)
"""Of an article's document."""

KEPT_OF_STATEMENTS = (
    fields.STATEMENT_ID,
    fields.TYPE,
    fields.KIND,
    fields.SPEAKER,
    fields.SPEAKER_TEXT,
    fields.CUE,
    fields.CONTENT,
    fields.CONTENT_START,
    fields.CONTENT_END,
    fields.ADDRESSEE,
    fields.NEGATED,
    fields.HYPOTHETICAL,
)
"""Of a statement's document."""

Source = Mapping[str, Any]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A version to be kept, and the place in its batch of the article that is refused if it is."""

    position: int
    operation: Operation


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """What is indexed is to be written over by the article at ``position`` in the batch."""

    position: int
    article_id: str
    stored: Stored


class _Version(NamedTuple):
    revision: int
    content_sha256: str
    text_id: str
    origin: Origin | None
    place: int | None

    def is_told_better(self, other: _Version) -> bool:
        """Whether the other one has the same text, and knows better what it is called."""
        return (
            self.origin is not None
            and self.text_id == other.text_id
            and rank(self.origin) < rank(other.origin)
        )


def superseded(
    candidate: Candidate, stored: Stored | None, *, written: bool
) -> tuple[int | None, ...]:
    """What has to be kept so that one version can stand in the index alone, oldest first: the one
    of the batch that counts where that is ``written``, else the indexed one.

    Places in ``candidate.copies``, None for the indexed version. Of versions that follow each other
    with the same title and text the first counts, and of those that the one that stands is among,
    none: nothing was corrected. Neither was it by a text that comes with a title of its own from
    who knows less of it.
    """
    copies = [_version(copy, place) for place, copy in enumerate(candidate.copies)]
    indexed = [] if stored is None else [_indexed(stored)]
    stands = copies[candidate.places.index(candidate.position)] if written else indexed[0]
    versions = {each.revision: each for each in (*copies, *indexed, stands)}
    ordered = [version for _, version in sorted(versions.items())]
    told = [each for each in ordered if not any(map(each.is_told_better, ordered))]
    runs = [list(run) for _, run in groupby(told, key=lambda each: each.content_sha256)]
    return tuple(run[0].place for run in runs if stands not in run)


def _version(copy: EnrichedArticle, place: int) -> _Version:
    article = copy.article
    return _Version(article.revision, article.content_sha256, copy.story_id, article.origin, place)


def _indexed(stored: Stored) -> _Version:
    return _Version(
        stored.facts.latest_revision, stored.content_sha256, stored.text_id, stored.origin, None
    )


def revision_id(article_id: str, revision: int) -> str:
    """The ``_id`` of a superseded revision."""
    return f"{article_id}@{revision}"


def keeping(index: str, article: Source, statements: Iterable[Source]) -> Operation:
    """The operation that keeps a version, made of its documents as they are, or would be, indexed.

    Statements of another revision are left out: they are not what this one said.
    """
    revision = article[fields.REVISION]
    document = {name: article[name] for name in KEPT if name in article}
    document[fields.QUOTED] = [
        {name: each[name] for name in KEPT_OF_STATEMENTS if name in each}
        for each in statements
        if each[fields.REVISION] == revision
    ]
    return Operation(
        index=index,
        id=revision_id(article[fields.ARTICLE_ID], revision),
        version=None,
        document=msgspec.json.encode(document),
    )
