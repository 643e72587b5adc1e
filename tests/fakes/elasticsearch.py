"""Elasticsearch's bulk endpoint as a script: one answer for each request."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

META = NodeConfig("http", "localhost", 9200)


class Answer:
    """What the client returns."""

    def __init__(self, body: object) -> None:
        self.body = body


Scripted = Callable[[int], Answer]


class ScriptedBulk:
    """A client whose answers are lined up; the last one is repeated."""

    def __init__(self, *answers: Scripted) -> None:
        self._answers = deque(answers)
        self.requests: list[list[bytes]] = []

    async def bulk(
        self, *, operations: Sequence[bytes], filter_path: str, require_alias: bool
    ) -> Answer:
        assert require_alias
        self.requests.append(list(operations))
        answer = self._answers.popleft() if len(self._answers) > 1 else self._answers[0]
        return answer(sum(b'"_index"' in line for line in operations))


def every(status: int, kind: str | None = None) -> Scripted:
    """Each item has this status."""
    item = {"status": status} | ({"error": {"type": kind}} if kind else {})
    return lambda count: Answer({"items": [{"index": item}] * count})


def items(*statuses: int) -> Scripted:
    """One status for each item."""
    return lambda _: Answer({"items": [{"index": {"status": each}} for each in statuses]})


def api_error(status: int, body: Any = None) -> ApiError:
    """What the client raises for a status."""
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, META)
    return ApiError("made up", meta, body)


def failing(error: Exception) -> Scripted:
    """The whole request fails."""

    def fail(_: int) -> Answer:
        raise error

    return fail
