"""Kibana's saved objects, and the NDJSON that its import takes: one object a line.

Source: the saved objects API of Kibana 9, and the objects that Kibana brings as its sample data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

Json = dict[str, Any]

CORE_VERSION = "8.8.0"

TYPE_VERSIONS: Mapping[str, str] = {
    "index-pattern": "8.0.0",
    "search": "10.2.0",
    "map": "8.4.0",
    "dashboard": "10.2.0",
}
"""The version of each type that is written. Kibana migrates older ones and refuses newer ones, so
these are as old as the first 9.0."""

NO_SEARCH: Json = {"query": {"query": "", "language": "kuery"}, "filter": []}


class Reference(msgspec.Struct, frozen=True):
    """Another object that this one needs, under the name by which it is spoken of inside."""

    type: str
    id: str
    name: str


class SavedObject(msgspec.Struct, frozen=True, kw_only=True):
    """One object. The same ``id`` at each import, so that it replaces what came before."""

    type: str
    id: str
    attributes: Mapping[str, Any]
    references: tuple[Reference, ...] = ()

    def as_json(self) -> Json:
        """The object as an export of Kibana would show it, without what Kibana sets itself."""
        return {
            "type": self.type,
            "id": self.id,
            "attributes": self.attributes,
            "references": self.references,
            "coreMigrationVersion": CORE_VERSION,
            "typeMigrationVersion": TYPE_VERSIONS[self.type],
        }


def to_ndjson(objects: Iterable[SavedObject]) -> bytes:
    """The body of an import; the same objects give the same bytes."""
    return b"".join(msgspec.json.encode(each.as_json()) + b"\n" for each in objects)


def stringified(value: Any) -> str:
    """JSON inside a string, as Kibana keeps panels, layers and options."""
    return msgspec.json.encode(value).decode()
