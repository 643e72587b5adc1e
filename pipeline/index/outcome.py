"""What became of one enriched article."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pipeline.index.bulk_outcome import Refused
from pipeline.records import Reason


class IndexStatus(StrEnum):
    """One of these for each input."""

    INDEXED = "indexed"  # written, with all its statements
    UNCHANGED = "unchanged"  # the same content, annotated by the same model, is there already
    DUPLICATE = "duplicate"  # a newer revision is there, or came in the same batch: kept beside it
    EXPIRED = "expired"  # of a month that retention drops: written nowhere
    REFUSED = "refused"  # Elasticsearch will not have it: a dead letter


class IndexOutcome(msgspec.Struct, frozen=True):
    """The status of one input; ``reason`` and ``detail`` are given where it is refused, ``index``
    where it was written: the name of the index.

    ``news``: this version is in the index, and who waits for it may not have been told. It was
    written just now, or by a worker that died before it could say so.
    """

    status: IndexStatus
    reason: Reason | None = None
    detail: str = ""
    index: str | None = None
    news: bool = False


REDELIVERED = IndexOutcome(IndexStatus.UNCHANGED, news=True)
UNCHANGED = IndexOutcome(IndexStatus.UNCHANGED)
DUPLICATE = IndexOutcome(IndexStatus.DUPLICATE)
EXPIRED = IndexOutcome(IndexStatus.EXPIRED)


def indexed(index: str) -> IndexOutcome:
    """Written to the index of that name."""
    return IndexOutcome(IndexStatus.INDEXED, index=index, news=True)


def refused(reason: Reason, detail: str) -> IndexOutcome:
    """A dead letter; ``detail`` quotes nothing of the document."""
    return IndexOutcome(IndexStatus.REFUSED, reason, detail)


def refused_by(why: Refused) -> IndexOutcome:
    """A dead letter, as Elasticsearch says."""
    return IndexOutcome(IndexStatus.REFUSED, why.reason, why.detail)
