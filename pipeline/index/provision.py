"""Provides the indices that are written to: nothing else makes them, or gives them a write alias.

Elasticsearch may be emptied, restored or replaced at any time. What is written goes through write
aliases (:mod:`names`), so that it is refused where they are not, and :class:`Provision` is asked.
It puts the templates back, makes what is missing, and gives the aliases to indices that carry our
mark in their mappings. An index without it guesses its mappings, and is never written to.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from elasticsearch import AsyncElasticsearch, BadRequestError

from pipeline.errors import ServiceUnavailable
from pipeline.index.existing import Existing, NotOurs, existing_indices
from pipeline.index.homes import give_homes
from pipeline.index.names import homes_index, is_named, mending, write_alias
from pipeline.index.templates import (
    SCHEMA_VERSION,
    Kind,
    common_settings,
    component_templates,
    index_body,
    index_template,
    kinds,
    mappings,
)
from pipeline.settings import IndexSettings

log = logging.getLogger(__name__)


async def setup(client: AsyncElasticsearch, settings: IndexSettings) -> None:
    """Put the templates in place, and bring the indices that exist up to them. Can be repeated.

    Raises ConfigurationError where an alias is taken by an index, or an existing index is of a
    later schema, NotOurs where it cannot take the mappings, and lets the client's TransportError
    and ApiError out.
    """
    await Provision(client, settings).setup()


class Provision:
    """Decides anew each time from what is there. Several processes may do the same at once."""

    def __init__(self, client: AsyncElasticsearch, settings: IndexSettings) -> None:
        self._client = client
        self._settings = settings
        self._kinds = kinds(settings)
        self._articles, *_, self._homes = self._kinds

    async def setup(self) -> None:
        """As the function of that name."""
        for kind in self._kinds:
            every = await existing_indices(self._client, kind.alias)
            await self._put_templates(kind)
            for each in every if kind is not self._homes else []:
                await self._bring_up(kind, each)
        await self._open_homes()

    async def ensure(self, indices: Iterable[str]) -> None:
        """Make these writable. Raises as :meth:`setup`, and ServiceUnavailable where that has to
        wait: for somebody to mend an index, or until it is mended."""
        for name in sorted(indices):
            kind = self._kind_of(name)
            template = await self._client.indices.exists_index_template(name=kind.alias)
            if kind is self._homes or not template:
                await self.setup()
            if kind is not self._homes:
                await self._provide(kind, name)

    async def is_whole(self) -> bool:
        """Whether nothing went away, or came back, since the last set-up. Raises as that."""
        homes = await self._homed_in()
        articles = await existing_indices(self._client, self._articles.alias)
        return homes is not None and not any(
            each.is_ours and (each.homed_in != homes or each.lacks(self._articles.alias))
            for each in articles
        )

    def _kind_of(self, index: str) -> Kind:
        return next(kind for kind in self._kinds if is_named(index, kind.alias))

    async def _put_templates(self, kind: Kind) -> None:
        for name, template in component_templates(kind, self._settings).items():
            await self._client.cluster.put_component_template(
                name=name, template=template, version=SCHEMA_VERSION
            )
        await self._client.indices.put_index_template(name=kind.alias, **index_template(kind))

    async def _bring_up(self, kind: Kind, index: Existing) -> None:
        if not index.is_ours:
            log.warning("%s", _not_ours(index.name))
        elif not index.mended:
            # Without this, the first document with a new field is refused until the month is over.
            if index.schema_version != SCHEMA_VERSION:
                await self._put_mapping(kind, index, homed_in=index.homed_in)
            if index.lacks(kind.alias):
                await self._put_aliases(kind, index.name)

    async def _put_mapping(self, kind: Kind, index: Existing, **meta: str | None) -> None:
        wanted = mappings(kind.properties, **{k: v for k, v in meta.items() if v is not None})
        try:
            await self._client.indices.put_mapping(
                index=index.name,
                dynamic=wanted["dynamic"],
                meta=wanted["_meta"],
                properties=wanted["properties"],
            )
        except BadRequestError as error:
            raise NotOurs(
                f"the index {index.name} cannot take the mappings of schema {SCHEMA_VERSION};"
                " rebuild it, or name other aliases in the settings and replay the topics into them"
            ) from error

    async def _put_aliases(self, kind: Kind, index: str) -> None:
        dynamic = {"gc_deletes": common_settings(self._settings)["gc_deletes"]}
        await self._client.indices.put_settings(index=index, settings=dynamic)
        names = (kind.alias, write_alias(index))
        actions = [{"add": {"index": index, "alias": alias}} for alias in names]
        await self._client.indices.update_aliases(actions=actions)

    async def _provide(self, kind: Kind, name: str) -> None:
        every = await existing_indices(self._client, kind.alias)
        found = next((each for each in every if each.name == name), None)
        if found is not None and not found.is_ours:
            raise NotOurs(_not_ours(name))
        if (found and found.mended) or await self._client.indices.exists(index=mending(name)):
            raise ServiceUnavailable(f"{name} is being mended; if not: pipeline check --repair")
        if found is None:
            await self._make(kind, name, {kind.alias: {}, write_alias(name): {}})
        else:
            await self._bring_up(kind, found)

    async def _make(self, kind: Kind, name: str, aliases: dict[str, dict[str, Any]]) -> None:
        # An index of articles is made empty: each article that comes to it has a home.
        homes = await self._homed_in() if kind is self._articles else None
        body = index_body(kind, self._settings, **({"homed_in": homes} if homes else {}))
        try:
            await self._client.indices.create(index=name, aliases=aliases, **body)
        except BadRequestError as error:
            # Another process was faster.
            if error.error != "resource_already_exists_exception":
                raise

    async def _homed_in(self) -> str | None:
        """Which index of homes is there."""
        homes = await existing_indices(self._client, self._homes.alias)
        return next((each.uuid for each in homes if each.is_ours), None)

    async def _open_homes(self) -> None:
        """Nobody can claim a home before all articles that are there have theirs: until then their
        index has no write alias."""
        name = homes_index(self._homes.alias)
        if not await self._client.indices.exists(index=name):
            await self._make(self._homes, name, {self._homes.alias: {}})
        await self._give_homes()
        await self._provide(self._homes, name)

    async def _give_homes(self) -> None:
        """Articles that were indexed before there were homes, or whose homes were lost, get one:
        where they are, the earliest month first."""
        homes = await self._homed_in()
        every: Sequence[Existing] = await existing_indices(self._client, self._articles.alias)
        for each in every:
            if each.is_ours and not each.mended and each.homed_in != homes:
                count = await give_homes(self._client, self._settings, each.name)
                log.info(
                    "%s: %d articles are registered in %s",
                    each.name,
                    count,
                    homes_index(self._homes.alias),
                )
                await self._put_mapping(self._articles, each, homed_in=homes)


def _not_ours(index: str) -> str:
    return (
        f"the index {index} was not made by this pipeline, and takes no news;"
        " rebuild it: pipeline check --repair"
    )
