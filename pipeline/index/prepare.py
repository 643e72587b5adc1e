"""A decision about one article as the operations that carry it out: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from pipeline.errors import Rejected
from pipeline.index import fields
from pipeline.index.bulk_outcome import Conflict, Final, Operation, Refused
from pipeline.index.documents import documents, statement_document_id
from pipeline.index.outcome import (
    DUPLICATE,
    REDELIVERED,
    UNCHANGED,
    IndexOutcome,
    indexed,
    refused,
    refused_by,
)
from pipeline.index.plan import Candidate, Confirm, Decision, Superseded, Unchanged, Write
from pipeline.index.stories import Story
from pipeline.records import Article
from pipeline.settings import IndexSettings


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of the input at ``position``, and what is left to delete because of it."""

    position: int
    outcome: IndexOutcome
    cleanup: tuple[Operation, ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be written: ``statements`` first (deletions of surplus ones among them), then
    ``article``. ``undo`` deletes all its statements of this revision and older ones. ``done`` is
    the outcome, where it is not that it is indexed."""

    position: int
    statements: tuple[Operation, ...]
    article: Operation
    undo: tuple[Operation, ...] = ()
    done: IndexOutcome | None = None

    def after_statements(self, finals: Iterable[Final]) -> Settled | None:
        """The end of it, when a statement was refused: an article is indexed whole or not at all.

        An older revision that was indexed keeps its article and loses its statements, since theirs
        were the places that the refused ones took.
        """
        refusal = next((each for each in finals if isinstance(each, Refused)), None)
        return None if refusal is None else self._failed(refusal)

    def after_article(self, final: Final) -> Settled | None:
        """The outcome, once the article document itself is settled. None where another worker was
        faster: then it is to be decided anew."""
        if isinstance(final, Refused):
            return self._failed(final)
        if isinstance(final, Conflict):
            return None
        outcome = self.done or indexed(self.article.index)
        return Settled(position=self.position, outcome=outcome)

    def _failed(self, why: Refused) -> Settled:
        return Settled(position=self.position, outcome=refused_by(why), cleanup=self.undo)


def prepare(
    candidate: Candidate,
    decision: Decision,
    story: Story | None,
    settings: IndexSettings,
    now: datetime,
) -> Job | Settled:
    """What is to be written, or why nothing is. What is to be written needs its story."""
    if isinstance(decision, Unchanged):
        return Settled(position=candidate.position, outcome=_unchanged(decision))
    if isinstance(decision, Confirm):
        return _confirmation(candidate, decision, settings)
    if isinstance(decision, Superseded):
        return _superseded(candidate, decision, settings)
    if story is None:
        raise ValueError("an article that is written has a story")
    try:
        return _job(candidate, decision, story, settings, now)
    except Rejected as error:
        outcome = refused(error.reason, error.detail)
        return Settled(position=candidate.position, outcome=outcome)


def _unchanged(decision: Unchanged | Confirm) -> IndexOutcome:
    return REDELIVERED if decision.redelivered else UNCHANGED


def _confirmation(candidate: Candidate, decision: Confirm, settings: IndexSettings) -> Job:
    article = candidate.newest.article
    change = msgspec.json.encode({fields.LATEST_REVISION: article.revision})
    return Job(
        position=candidate.position,
        statements=(),
        article=Operation(
            index=f"{settings.articles}-{decision.month}",
            id=article.id,
            over=decision.over,
            document=change,
            partial=True,
        ),
        done=_unchanged(decision),
    )


def _superseded(candidate: Candidate, decision: Superseded, settings: IndexSettings) -> Settled:
    left_over = range(decision.newer_statements + 1, decision.older_statements + 1)
    index = f"{settings.statements}-{decision.month}"
    cleanup = _deletions(candidate.newest.article, index, left_over)
    return Settled(position=candidate.position, outcome=DUPLICATE, cleanup=cleanup)


def _job(
    candidate: Candidate, write: Write, story: Story, settings: IndexSettings, now: datetime
) -> Job:
    article = candidate.newest.article
    made = documents(candidate.newest, story, first_seen_at=write.first_seen_at, ingested_at=now)
    index = f"{settings.statements}-{write.month}"
    surplus = range(len(made.statements) + 1, write.older_statements + 1)
    return Job(
        position=candidate.position,
        statements=_writes(article, index, made.statements) + _deletions(article, index, surplus),
        article=Operation(
            index=f"{settings.articles}-{write.month}",
            id=article.id,
            over=write.over,
            document=made.article,
        ),
        undo=_deletions(article, index, range(1, len(made.statements) + 1)),
    )


def _writes(article: Article, index: str, statements: Sequence[bytes]) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            index=index,
            id=statement_document_id(article.id, ordinal),
            version=article.revision,
            document=document,
        )
        for ordinal, document in enumerate(statements, start=1)
    )


def _deletions(article: Article, index: str, ordinals: Iterable[int]) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            index=index, id=statement_document_id(article.id, ordinal), version=article.revision
        )
        for ordinal in ordinals
    )
