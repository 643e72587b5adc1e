"""What became of one bulk operation, decided from Elasticsearch's answer: pure.

Source: the response body of Elasticsearch's Bulk API, as its reference and a 9.5 server give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from pipeline.records import Reason


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """Index ``document`` under an id, or delete the id where ``document`` is None.

    Versioned by the article's revision: Elasticsearch takes it only over the same or an older one.
    Without a version, only where nothing is under that id yet.
    """

    index: str
    id: str
    version: int | None
    document: bytes | None = None

    def __post_init__(self) -> None:
        if self.version is None and self.document is None:
            raise ValueError("a deletion needs a version")

    def lines(self) -> tuple[bytes, ...]:
        """The one or two lines of the request, without line ends."""
        target: dict[str, Any] = {"_index": self.index, "_id": self.id}
        if self.version is None:
            action = "create"
        else:
            action = "delete" if self.document is None else "index"
            target |= {"version": self.version, "version_type": "external_gte"}
        head = msgspec.json.encode({action: target})
        return (head,) if self.document is None else (head, self.document)

    def size(self) -> int:
        """Bytes in the request, line ends included."""
        return sum(len(line) + 1 for line in self.lines())


class Ok(msgspec.Struct, frozen=True):
    """Done."""


class Conflict(msgspec.Struct, frozen=True):
    """A newer version is there, or, for what is created, one of that id: nothing left to do."""


class Retry(msgspec.Struct, frozen=True):
    """Not the document's fault: ask again. ``denied``: credentials have to be put right."""

    cause: str
    denied: bool = False


class Refused(msgspec.Struct, frozen=True):
    """Elasticsearch will never take this document. ``detail`` quotes nothing of it."""

    detail: str
    reason: Reason = Reason.REFUSED_BY_INDEX


Final = Ok | Conflict | Refused
Outcome = Final | Retry

REQUEST_TIMEOUT, CONFLICT, TOO_LARGE, TOO_MANY = 408, 409, 413, 429
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 400, 401, 403, 404

NOT_THE_DOCUMENT = frozenset(
    {
        "cluster_block_exception",  # read-only: disk full, or an operator's hand
        "index_closed_exception",
        "index_not_found_exception",  # automatic creation is switched off
        "validation_exception",  # the cluster has as many shards as it may have
    }
)


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
        return Retry(f"HTTP {status} {kind}".rstrip())
    # All our fields are in our templates: one that is missing is the index's fault.
    lacks_field = kind == "strict_dynamic_mapping_exception"
    reason = Reason.MAPPING if lacks_field else Reason.REFUSED_BY_INDEX
    return Refused(_detail(status, error), reason)


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
