"""What became of one bulk operation, decided from Elasticsearch's answer: pure.

Source: the response body of Elasticsearch's Bulk API, as its reference and a 9.5 server give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pipeline.index.names import write_alias
from pipeline.records import Reason


class Seen(msgspec.Struct, frozen=True):
    """The very state of a document that was read: a write over it is refused once it is another."""

    seq_no: int
    primary_term: int


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Index ``document`` under an id, or delete the id where ``document`` is None.

    With ``partial``, the document has only the fields that are to change in the one that is there.
    With ``version``, the standing of an article: taken only over the same or a lower one. With
    ``over``: only over the very state that was seen. With neither: only where nothing is.

    ``index`` is the name of the index; it is written through its write alias, which only
    :mod:`provision` makes, and which cannot come to be as an index (see :mod:`names`).
    """

    index: str
    id: str
    version: int | None = None
    over: Seen | None = None
    document: bytes | None = None
    partial: bool = False

    def __post_init__(self) -> None:
        if self.version is not None and self.over is not None:
            raise ValueError("an operation is over a version or over a state, not both")
        if self.version is None and self.over is None and self.document is None:
            raise ValueError("a deletion needs a version or a state")
        if self.partial and (self.over is None or self.document is None):
            raise ValueError("a partial document is over a state")

    def lines(self) -> tuple[bytes, ...]:
        """The one or two lines of the request, without line ends."""
        target = {"_index": write_alias(self.index), "_id": self.id} | self._condition()
        head = msgspec.json.encode({self._action(): target})
        if self.document is None:
            return (head,)
        return head, b'{"doc":%b}' % self.document if self.partial else self.document

    def _action(self) -> str:
        if self.document is None:
            return "delete"
        if self.partial:
            return "update"
        return "create" if self.version is None and self.over is None else "index"

    def _condition(self) -> dict[str, Any]:
        if self.over is not None:
            return {"if_seq_no": self.over.seq_no, "if_primary_term": self.over.primary_term}
        if self.version is not None:
            return {"version": self.version, "version_type": "external_gte"}
        return {}

    def size(self) -> int:
        """Bytes in the request, line ends included."""
        return sum(len(line) + 1 for line in self.lines())


class Ok(msgspec.Struct, frozen=True):
    """Done."""


class Conflict(msgspec.Struct, frozen=True):
    """A newer version is there, another state than was seen, or, for what is created, something of
    that id."""


class Retry(msgspec.Struct, frozen=True):
    """Not the document's fault: ask again. ``denied``: credentials have to be put right.
    ``unfit``: the index has no write alias, or not our mappings: it has to be provided first."""

    cause: str
    denied: bool = False
    unfit: bool = False


class Refused(msgspec.Struct, frozen=True):
    """Elasticsearch will never take this document. ``detail`` quotes nothing of it."""

    detail: str
    reason: Reason = Reason.REFUSED_BY_INDEX


Final = Ok | Conflict | Refused
Outcome = Final | Retry

REQUEST_TIMEOUT, CONFLICT, TOO_LARGE, TOO_MANY = 408, 409, 413, 429
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404

READ_ONLY = "cluster_block_exception"
NO_INDEX = frozenset(
    {
        "index_not_found_exception",
        "invalid_index_name_exception",  # a deletion: it would make an index, and may not
    }
)
NOT_THE_DOCUMENT = NO_INDEX | {
    READ_ONLY,
    "index_closed_exception",
    "validation_exception",  # the cluster has as many shards as it may have
}
OURS = frozenset({"strict_dynamic_mapping_exception", "mapper_exception"})
"""What says that the mapping is not the one of this version, whatever the document is."""

READ_ONLY_CAUSE = "read-only: the disk is full (flood stage), or somebody has set a write block"


def outcome(operation: Operation, item: object) -> Outcome:
    """Read the ``items`` entry that answers ``operation``."""
    result = next(iter(item.values()), None) if isinstance(item, Mapping) else None
    status = result.get("status") if isinstance(result, Mapping) else None
    if not isinstance(status, int) or not isinstance(result, Mapping):
        return Retry("an answer without status")
    if 200 <= status < 300 or (status == NOT_FOUND and _deleted_already(operation, result)):
        return Ok()
    return _failure(status, result.get("error"))


def _deleted_already(operation: Operation, result: Mapping[str, Any]) -> bool:
    return operation.document is None and result.get("error") is None


def _failure(status: int, error: object) -> Outcome:
    kind = str(error.get("type", "")) if isinstance(error, Mapping) else ""
    if status == CONFLICT:
        return Conflict()
    if status in {UNAUTHORIZED, FORBIDDEN} and kind not in NOT_THE_DOCUMENT:
        return Retry(f"access denied (HTTP {status})", denied=True)
    if status in {REQUEST_TIMEOUT, TOO_MANY} or status >= 500 or kind in NOT_THE_DOCUMENT:
        return Retry(_cause(status, kind), unfit=kind in NO_INDEX)
    return Refused(_detail(status, error), _reason(kind))


def _cause(status: int, kind: str) -> str:
    return READ_ONLY_CAUSE if kind == READ_ONLY else f"HTTP {status} {kind}".rstrip()


def _reason(kind: str) -> Reason:
    return Reason.MAPPING if kind in OURS else Reason.REFUSED_BY_INDEX


_FIELD = re.compile(r"field \[([\w.@]+)\]|introduction of \[([\w.@]+)\]")


def _detail(status: int, error: object) -> str:
    """The kind of error and the field it names. The reason itself may quote the document."""
    if not isinstance(error, Mapping):
        return f"HTTP {status}"
    field = _FIELD.search(str(error.get("reason", "")))
    name = f" at {field.group(1) or field.group(2)}" if field else ""
    return f"HTTP {status} {error.get('type', 'without type')}{name}"


def chunks(operations: Sequence[Operation], max_bytes: int) -> Iterator[list[Operation]]:
    """Cut into requests of at most ``max_bytes``, in order; one that is larger stands alone."""
    chunk: list[Operation] = []
    room = max_bytes
    for operation in operations:
        size = operation.size()
        if chunk and size > room:
            yield chunk
            chunk, room = [], max_bytes
        chunk.append(operation)
        room -= size
    if chunk:
        yield chunk


BACKOFF_BASE_SECONDS = 0.2
BACKOFF_CAP_SECONDS = 20.0


def backoff_seconds(attempt: int, jitter: float, *, denied: bool = False) -> float:
    """How long to wait after the ``attempt``-th failure (from 1): doubled up to the cap.

    Of that the half to the whole, as ``jitter`` (0 to 1) says, so that workers do not return
    together. Credentials are put right by people: ``denied`` waits as long as the cap at once.
    """
    doubled = BACKOFF_BASE_SECONDS * 2.0 ** min(attempt - 1, 32)
    ceiling = BACKOFF_CAP_SECONDS if denied else min(BACKOFF_CAP_SECONDS, doubled)
    return ceiling * (0.5 + jitter / 2)
