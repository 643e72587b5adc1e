"""Which indices of one kind are there, and whether they are ours: read in one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.index.names import is_named, mending, write_alias
from pipeline.index.templates import SCHEMA_VERSION


class NotOurs(ServiceUnavailable):
    """An index that is to be written lacks our mappings, and cannot be given them: somebody has to
    mend it, and whoever waits for that goes on then."""

    exit_code = 1


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """An index. ``schema_version`` is None where the pipeline did not make it; ``homed_in`` is the
    index of homes in which each of its articles has one."""

    name: str
    uuid: str
    schema_version: int | None
    homed_in: str | None
    aliases: frozenset[str]
    mended: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it has mappings of ours."""
        return self.schema_version is not None

    def lacks(self, alias: str) -> bool:
        """Whether it cannot be read or written as it should."""
        return not self.aliases >= {alias, write_alias(self.name)}


async def existing_indices(client: AsyncElasticsearch, alias: str) -> list[Existing]:
    """The indices that are named as those behind ``alias``, oldest month first.

    Raises ConfigurationError where the alias is taken by an index, or an index was made by a later
    version of the pipeline, and lets the client's TransportError and ApiError out.
    """
    answer = await client.indices.get(
        index=[alias, f"{alias}-*", mending(f"{alias}-*")],
        ignore_unavailable=True,
        features=["aliases", "mappings", "settings"],
        filter_path="*.aliases,*.mappings._meta,*.settings.index.uuid",
    )
    found = answer.body
    if not isinstance(found, Mapping):
        raise ServiceUnavailable("an answer that does not fit the request")
    if alias in found:
        raise ConfigurationError(
            f"setting index: {alias} is to be an alias, and is an index; rename or delete it"
        )
    named = sorted(name for name in found if is_named(name, alias))
    every = [_existing(name, found[name], mended=mending(name) in found) for name in named]
    _check_schema(alias, every)
    return every


def _existing(name: str, index: Mapping[str, Any], *, mended: bool) -> Existing:
    meta = index.get("mappings", {}).get("_meta", {})
    return Existing(
        name=name,
        uuid=index["settings"]["index"]["uuid"],
        schema_version=meta.get("schema_version"),
        homed_in=meta.get("homed_in"),
        aliases=frozenset(index.get("aliases", ())),
        mended=mended,
    )


def _check_schema(alias: str, every: Iterable[Existing]) -> None:
    newest = max((each.schema_version or 0 for each in every), default=0)
    if newest > SCHEMA_VERSION:
        raise ConfigurationError(
            f"the indices of {alias} have schema {newest}, and this version of the pipeline knows"
            f" {SCHEMA_VERSION}; install the version that made them"
        )
