"""Elasticsearch in memory, as far as the index station asks it: passes the same contract suite as
the real one (tests/contract/revisions.py). What is written can be searched at once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from tests.fakes.elastic_indices import FakeIndices, FakeTemplates
from tests.fakes.elasticsearch import Answer

Source = dict[str, Any]
Key = tuple[str, str]


class FakeElasticsearch:
    """Documents by index and id, versioned; ``refuses`` says which ids are never taken."""

    def __init__(self) -> None:
        self.refuses: Callable[[str], bool] = lambda _: False
        self.indices = FakeIndices()
        self.cluster = FakeTemplates()
        self._versions: dict[Key, int] = {}
        self._sources: dict[Key, Source] = {}
        self._seq_nos: dict[Key, int] = {}
        self._writes = count()

    def behind(self, alias: str) -> dict[str, Source]:
        """All documents of an alias by id, each with its index under ``_index``."""
        return {
            document_id: source | {"_index": index}
            for (index, document_id), source in self._sources.items()
            if _is_month_of(index, alias)
        }

    async def bulk(
        self, *, operations: Sequence[bytes], filter_path: str, require_alias: bool
    ) -> Answer:
        assert require_alias
        lines = iter(operations)
        return Answer({"items": [self._carry_out(json.loads(line), lines) for line in lines]})

    def _carry_out(self, head: dict[str, Any], lines: Iterator[bytes]) -> dict[str, Any]:
        ((action, target),) = head.items()
        source = None if action == "delete" else json.loads(next(lines))
        index = self.indices.behind_alias(target["_index"])
        if index is None:
            return {action: {"status": 404, "error": {"type": "index_not_found_exception"}}}
        key = index, target["_id"]
        if self.refuses(target["_id"]):
            return {action: {"status": 400, "error": {"type": "document_parsing_exception"}}}
        taken = self._is_taken(action, key, target)
        if taken:
            return {action: {"status": 409, "error": {"type": "version_conflict_engine_exception"}}}
        status = 200 if key in self._sources else 404 if source is None else 201
        self._versions[key] = target.get("version", self._versions.get(key, 0) + 1)
        self._seq_nos[key] = next(self._writes)
        if source is None:
            self._sources.pop(key, None)
        elif action == "update":
            self._sources[key] = self._sources[key] | source["doc"]
        else:
            self._sources[key] = source
        return {action: {"status": status}}

    def _is_taken(self, action: str, key: Key, target: Mapping[str, Any]) -> bool:
        if action == "create":
            return key in self._sources
        if "if_seq_no" in target:
            return key not in self._sources or self._seq_nos[key] != target["if_seq_no"]
        return self._is_newer(key, target)

    def _is_newer(self, key: Key, target: Mapping[str, Any]) -> bool:
        """A deleted document leaves its version behind."""
        return self._versions.get(key, 0) > target["version"]

    async def mget(self, *, docs: Sequence[Mapping[str, Any]]) -> Answer:
        return Answer({"docs": list(map(self._one, docs))})

    def _one(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        index, document_id = wanted["_index"], wanted["_id"]
        found: dict[str, Any] = {"_index": index, "_id": document_id}
        if index not in self.indices.made:
            return found | {"error": {"type": "index_not_found_exception"}}
        source = self._sources.get((index, document_id))
        if source is None:
            return found | {"found": False}
        place = {"_seq_no": self._seq_nos[index, document_id], "_primary_term": 1}
        return found | place | {"found": True, "_source": _only(source, wanted["_source"])}

    async def search(
        self, *, index: str, query: dict[str, Any], size: int, source: Any, **_: Any
    ) -> Answer:
        return Answer(self._search(index, query, size, source["includes"]))

    async def msearch(self, *, searches: Sequence[dict[str, Any]]) -> Answer:
        pairs = zip(searches[::2], searches[1::2], strict=True)
        return Answer(
            {
                "responses": [
                    self._search(head["index"], body["query"], body["size"], body["_source"])
                    for head, body in pairs
                ]
            }
        )

    def _search(
        self, alias: str, query: dict[str, Any], size: int, fields: Sequence[str]
    ) -> dict[str, Any]:
        hits = [
            {"_index": index, "_id": document_id, "_source": _only(source, fields)}
            for (index, document_id), source in self._sources.items()
            if _is_month_of(index, alias) and _matches(query, document_id, source)
        ]
        return {"hits": {"hits": hits[:size]}}


def _is_month_of(index: str, alias: str) -> bool:
    return index.rpartition("-")[0] == alias


def _only(source: Source, fields: Sequence[str] | bool) -> Source:
    if fields is True:
        return dict(source)
    assert not isinstance(fields, bool)
    return {name: source[name] for name in fields if name in source}


def _matches(query: dict[str, Any], document_id: str, source: Source) -> bool:
    ((kind, asked),) = query.items()
    if kind == "ids":
        return document_id in asked["values"]
    if kind == "bool":
        return all(_matches(each, document_id, source) for each in asked["filter"])
    ((field, wanted),) = asked.items()
    if kind == "range":
        return bool(wanted["gte"] <= source[field] <= wanted["lte"])
    assert kind == "terms", kind
    values = source.get(field, [])
    return bool({values} & set(wanted) if isinstance(values, str) else set(values) & set(wanted))


class Killed(Exception):
    """The process has ended here."""


Request = Callable[..., Awaitable[Any]]


class Mortal:
    """A client whose process is killed at its ``at``-th request (from 1; 0: never): before it was
    carried out, or ``after`` it was and before it could be told. ``asked`` names all requests."""

    def __init__(self, client: Any, at: int = 0, *, after: bool = False) -> None:
        self.asked: list[str] = []
        self._client = client
        self._at = at
        self._after = after

    @property
    def indices(self) -> Any:
        """Not counted: a batch asks for nothing there while all is in its place."""
        return self._client.indices

    @property
    def cluster(self) -> Any:
        """As ``indices``."""
        return self._client.cluster

    def __getattr__(self, name: str) -> Request:
        async def request(**parameters: Any) -> Any:
            self.asked.append(name)
            last = len(self.asked) == self._at
            if last and not self._after:
                raise Killed
            answer = await getattr(self._client, name)(**parameters)
            if last:
                raise Killed
            return answer

        return request
