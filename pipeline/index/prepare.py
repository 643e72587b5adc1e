"""A decision about one article as the operations that carry it out: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from pipeline.errors import Rejected
from pipeline.index import fields
from pipeline.index.bulk_outcome import Conflict, Final, Operation, Refused
from pipeline.index.documents import documents, retold, statement_document_id
from pipeline.index.outcome import (
    DUPLICATE,
    REDELIVERED,
    UNCHANGED,
    IndexOutcome,
    indexed,
    refused,
    refused_by,
)
from pipeline.index.plan import (
    Candidate,
    Confirm,
    Decision,
    Facts,
    Heal,
    Superseded,
    Unchanged,
    Write,
)
from pipeline.index.stories import Story
from pipeline.settings import IndexSettings


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is indexed: its document, and its statements' by id."""

    article: Mapping[str, Any]
    statements: Mapping[str, Mapping[str, Any]]


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of the input at ``position``, and what is left to delete because of it."""

    position: int
    outcome: IndexOutcome
    cleanup: tuple[Operation, ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be written: ``statements`` first (deletions of surplus ones among them), then
    ``article``. ``undo`` deletes all its statements of this version and older ones. ``done`` is
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
    indexed_as: Whole | None = None,
) -> Job | Settled:
    """What is to be written, or why nothing is. What is to be written needs its story, what is to
    be healed how it is indexed."""
    if isinstance(decision, Unchanged):
        return Settled(position=candidate.position, outcome=_unchanged(decision))
    if isinstance(decision, Confirm):
        return _confirmation(candidate, decision, settings)
    if isinstance(decision, Superseded):
        return _superseded(candidate, decision, settings)
    try:
        if isinstance(decision, Heal):
            return _healing(candidate, decision, indexed_as, settings)
        if story is None:
            raise ValueError("an article that is written has a story")
        return _job(candidate, decision, story, settings, now)
    except Rejected as error:
        outcome = refused(error.reason, error.detail)
        return Settled(position=candidate.position, outcome=outcome)


def _unchanged(decision: Unchanged | Confirm) -> IndexOutcome:
    return REDELIVERED if decision.redelivered else UNCHANGED


def _confirmation(candidate: Candidate, decision: Confirm, settings: IndexSettings) -> Job:
    return Job(
        position=candidate.position,
        statements=(),
        article=_note(candidate, decision, decision.facts, settings),
        done=_unchanged(decision),
    )


def _note(
    candidate: Candidate, decision: Confirm | Superseded, facts: Facts, settings: IndexSettings
) -> Operation:
    change = {
        fields.LATEST_REVISION: facts.latest_revision,
        fields.TOLD_REVISION: facts.word.revision,
        fields.SEEN_IN: facts.seen_in,
    }
    return Operation(
        index=f"{settings.articles}-{decision.month}",
        id=candidate.newest.article.id,
        over=decision.over,
        document=msgspec.json.encode(change),
        partial=True,
    )


def _superseded(
    candidate: Candidate, decision: Superseded, settings: IndexSettings
) -> Job | Settled:
    cleanup = _left_over(candidate, decision, settings)
    if decision.facts is None:
        return Settled(position=candidate.position, outcome=DUPLICATE, cleanup=cleanup)
    return Job(
        position=candidate.position,
        statements=cleanup,
        article=_note(candidate, decision, decision.facts, settings),
        done=DUPLICATE,
    )


def _left_over(
    candidate: Candidate, decision: Superseded, settings: IndexSettings
) -> tuple[Operation, ...]:
    ordinals = range(decision.newer_statements + 1, decision.older_statements + 1)
    index = f"{settings.statements}-{decision.month}"
    return _deletions(candidate.newest.article.id, candidate.standing, index, ordinals)


def _healing(
    candidate: Candidate, heal: Heal, indexed_as: Whole | None, settings: IndexSettings
) -> Job:
    if indexed_as is None:
        raise ValueError("an article that is healed is indexed")
    decision = heal.superseded
    made = retold(indexed_as.article, indexed_as.statements.values(), heal.facts)
    index = f"{settings.statements}-{decision.month}"
    rewritten = tuple(
        Operation(index=index, id=each, version=heal.version, document=document)
        for each, document in zip(indexed_as.statements, made.statements, strict=True)
    )
    return Job(
        position=candidate.position,
        statements=rewritten + _left_over(candidate, decision, settings),
        article=Operation(
            index=f"{settings.articles}-{decision.month}",
            id=candidate.newest.article.id,
            over=decision.over,
            document=made.article,
        ),
        done=DUPLICATE,
    )


def _job(
    candidate: Candidate, write: Write, story: Story, settings: IndexSettings, now: datetime
) -> Job:
    article_id, version = candidate.newest.article.id, write.version
    made = documents(
        candidate.newest,
        story,
        write.facts,
        first_seen_at=write.first_seen_at,
        ingested_at=now,
    )
    index = f"{settings.statements}-{write.month}"
    surplus = range(len(made.statements) + 1, write.older_statements + 1)
    return Job(
        position=candidate.position,
        statements=_writes(article_id, version, index, made.statements)
        + _deletions(article_id, version, index, surplus),
        article=Operation(
            index=f"{settings.articles}-{write.month}",
            id=article_id,
            over=write.over,
            document=made.article,
        ),
        undo=_deletions(article_id, version, index, range(1, len(made.statements) + 1)),
    )


def _writes(
    article_id: str, version: int, index: str, statements: Sequence[bytes]
) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            index=index,
            id=statement_document_id(article_id, ordinal),
            version=version,
            document=document,
        )
        for ordinal, document in enumerate(statements, start=1)
    )


def _deletions(
    article_id: str, version: int, index: str, ordinals: Iterable[int]
) -> tuple[Operation, ...]:
    return tuple(
        Operation(index=index, id=statement_document_id(article_id, ordinal), version=version)
        for ordinal in ordinals
    )
