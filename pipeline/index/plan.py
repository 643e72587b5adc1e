"""What one batch has to write: decided from the batch and from what is already indexed.

The order of writes is the proof of completeness: an article's statements first, what an older
revision had beyond them deleted in the same step, the article's own document last. So an article
document of revision r is in the index only when all statements of r are. A worker killed in between
leaves an older article document, or none, and the redelivered article is written anew: ids and
versions make that a repetition, not a copy. "Unchanged" therefore needs no second look.

An article's document is written over the very state that was read, or created where none was: so
nothing is overwritten that was not kept, and whose statements are not known. Where another worker
was faster (two of them during a rebalance), the article is decided anew from what is there now.
Statements of a superseded revision may have been written by then: they are deleted by version,
which spares every one that the newer revision has written.

Before any of that, what the batch would overwrite is kept as a superseded revision (see
:mod:`archive`), and so is what came too late to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from pipeline.index.bulk_outcome import Seen
from pipeline.index.stories import Story
from pipeline.records import EnrichedArticle, Model
from pipeline.records.article import AwareTime


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the index holds of an article, and the state that was ``seen``: ``month`` is the end of
    its indices' names. Its ``story`` comes without bands. ``latest_revision`` is the latest that
    said the same as ``revision``."""

    month: str
    seen: Seen
    revision: int
    latest_revision: int
    content_sha256: str
    first_seen_at: AwareTime
    statement_count: int
    model: Model
    story: Story


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Write into ``month``, over what was seen there, or only where nothing is. Earlier versions
    may have left ``older_statements`` statements."""

    month: str
    over: Seen | None
    first_seen_at: datetime
    older_statements: int


class Unchanged(msgspec.Struct, frozen=True):
    """The same content, annotated by the same model, is indexed with all its statements.

    ``redelivered``: the very revision that is indexed came again.
    """

    redelivered: bool = False


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """As Unchanged, by a later revision than any before: to be noted in ``month``, over what was
    seen there. What was fetched in between and comes after it is no correction of it."""

    month: str
    over: Seen
    redelivered: bool


class Superseded(msgspec.Struct, frozen=True, kw_only=True):
    """A newer revision with ``newer_statements`` statements is indexed in ``month``.

    Ordinals beyond them, up to ``older_statements``, may be left-overs of a killed worker.
    """

    month: str
    newer_statements: int
    older_statements: int


Decision = Write | Unchanged | Confirm | Superseded


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One article of a batch: its newest revision, where that stands, and all its copies there,
    each with its place.

    The copies that are passed over have a say too: one of them may have been written in part by a
    worker that was killed, so its count of statements bounds what may have to be deleted, and its
    other content rules out "unchanged".
    """

    position: int
    newest: EnrichedArticle
    copies: tuple[EnrichedArticle, ...]
    places: tuple[int, ...]

    @property
    def first_seen_at(self) -> datetime:
        """When the article was first seen, as far as this batch knows."""
        return min(copy.article.first_seen_at for copy in self.copies)

    @property
    def most_statements(self) -> int:
        """How many ordinals this batch may ever have used for it."""
        return max(len(copy.annotations.statements) for copy in self.copies)


def candidates(numbered: Iterable[tuple[int, EnrichedArticle]]) -> dict[str, Candidate]:
    """One candidate for each article id. Of the same revision twice, the later one counts."""
    groups: dict[str, list[tuple[int, EnrichedArticle]]] = {}
    for position, enriched in numbered:
        groups.setdefault(enriched.article.id, []).append((position, enriched))
    return {article_id: _candidate(group) for article_id, group in groups.items()}


def _candidate(group: Sequence[tuple[int, EnrichedArticle]]) -> Candidate:
    position, newest = max(group, key=lambda each: (each[1].article.revision, each[0]))
    places, copies = zip(*group, strict=True)
    return Candidate(position=position, newest=newest, copies=copies, places=places)


def decide(candidate: Candidate, stored: Stored | None, home: str) -> Decision:
    """What to do about one article, whose month is ``home``."""
    most = candidate.most_statements
    if stored is None:
        first_seen_at = candidate.first_seen_at
        return Write(month=home, over=None, first_seen_at=first_seen_at, older_statements=most)
    if all(_same(copy, stored) for copy in candidate.copies):
        return _unchanged(candidate, stored)
    if candidate.newest.article.revision < stored.latest_revision:
        return Superseded(
            month=stored.month, newer_statements=stored.statement_count, older_statements=most
        )
    return Write(
        month=stored.month,
        over=stored.seen,
        first_seen_at=stored.first_seen_at,
        older_statements=max(most, stored.statement_count),
    )


def _unchanged(candidate: Candidate, stored: Stored) -> Unchanged | Confirm:
    redelivered = stored.revision in {copy.article.revision for copy in candidate.copies}
    if candidate.newest.article.revision <= stored.latest_revision:
        return Unchanged(redelivered=redelivered)
    return Confirm(month=stored.month, over=stored.seen, redelivered=redelivered)


def _same(enriched: EnrichedArticle, stored: Stored) -> bool:
    return (
        enriched.article.content_sha256 == stored.content_sha256 and enriched.model == stored.model
    )
