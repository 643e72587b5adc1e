"""The indices, aliases and templates of an Elasticsearch in memory."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from tests.fakes.elasticsearch import Answer, api_error


class FakeIndices:
    """What is made, by name: as Elasticsearch describes it."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self.templates: set[str] = set()

    def behind_alias(self, alias: str) -> str | None:
        """The index of a write alias."""
        return next((name for name, each in self.made.items() if alias in each["aliases"]), None)

    async def get(self, *, index: str | Sequence[str], **_: Any) -> Answer:
        patterns = [index] if isinstance(index, str) else index
        return Answer(
            {
                name: each
                for name, each in self.made.items()
                if any(
                    fnmatchcase(known, p) for known in (name, *each["aliases"]) for p in patterns
                )
            }
        )

    async def exists(self, *, index: str) -> bool:
        return index in self.made

    async def create(
        self, *, index: str, aliases: dict[str, Any], mappings: dict[str, Any], settings: Any
    ) -> None:
        if index in self.made:
            error = {"error": {"type": "resource_already_exists_exception"}}
            raise api_error(400, error)
        self.made[index] = {
            "aliases": dict(aliases),
            "mappings": mappings,
            "settings": {"index": {"uuid": uuid.uuid4().hex}},
        }

    async def put_mapping(self, *, index: str, meta: dict[str, Any], **_: Any) -> None:
        self.made[index]["mappings"]["_meta"] = meta

    async def put_settings(self, *, index: str, settings: dict[str, Any]) -> None:
        self.made[index]["settings"]["index"] |= settings

    async def update_aliases(self, *, actions: Sequence[dict[str, dict[str, str]]]) -> None:
        for action in actions:
            added = action["add"]
            self.made[added["index"]]["aliases"][added["alias"]] = {}

    async def put_index_template(self, *, name: str, **_: Any) -> None:
        self.templates.add(name)

    async def exists_index_template(self, *, name: str) -> bool:
        return name in self.templates

    async def refresh(self, *, index: str, **_: Any) -> None:
        assert index


class FakeTemplates:
    """Component templates."""

    async def put_component_template(self, **_: Any) -> None:
        pass
