"""How many shards the cluster has, of those that it may have."""

from __future__ import annotations

import msgspec
from elasticsearch import AsyncElasticsearch

_LIMIT = "cluster.max_shards_per_node"
_USUAL = 1_000
_MANY = 0.8


class Shards(msgspec.Struct, frozen=True, kw_only=True):
    """``most`` is what Elasticsearch allows all data nodes together; past it no index is made."""

    used: int
    most: int

    @property
    def are_many(self) -> bool:
        """Whether it is time to do something about it."""
        return self.used >= _MANY * self.most


async def count_shards(client: AsyncElasticsearch) -> Shards:
    """Ask the cluster. Lets the client's TransportError and ApiError out."""
    health = await client.cluster.health()
    found = await client.cluster.get_settings(include_defaults=True, flat_settings=True)
    settings = {**found.get("defaults", {}), **found["persistent"], **found["transient"]}
    per_node = int(settings.get(_LIMIT, _USUAL))
    nodes = max(1, health["number_of_data_nodes"])
    return Shards(used=health["active_shards"], most=per_node * nodes)
