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

KEPT = (
    fields.TIMESTAMP,
    fields.INGESTED,
    fields.ARTICLE_ID,
    fields.REVISION,
    fields.TITLE,
    fields.TEXT,
    fields.AUTHORS,
    fields.URL,
    fields.URL_DOMAIN,
    fields.SOURCE,
    fields.SOURCE_DOMAIN,
    fields.SOURCE_COUNTRY,
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
    """An indexed version that ``revision``, at ``position`` in the batch, is to be written over."""

    position: int
    article_id: str
    revision: int
    stored: Stored


class _Version(NamedTuple):
    content_sha256: str
    place: int | None


def superseded(candidate: Candidate, stored: Stored | None) -> tuple[int | None, ...]:
    """What has to be kept so that the newest version can stand in the index alone, oldest first.

    Places in ``candidate.copies``, None for the indexed version. Of versions that follow each other
    with the same title and text the first counts, and of those that the newest follows so, none:
    nothing was corrected.
    """
    versions = {
        copy.article.revision: _Version(copy.article.content_sha256, place)
        for place, copy in enumerate(candidate.copies)
    }
    if stored is not None:
        versions[stored.latest_revision] = _Version(stored.content_sha256, None)
    ordered = [version for _, version in sorted(versions.items())]
    runs = [next(run) for _, run in groupby(ordered, key=lambda each: each.content_sha256)]
    return tuple(first.place for first in runs[:-1])


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
