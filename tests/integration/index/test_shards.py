"""The budget of shards is asked of the cluster itself."""

from __future__ import annotations

from pipeline.index.provision import setup
from pipeline.index.shards import Shards, count_shards
from tests.integration.shelf import Shelf


async def test_shards_are_counted_against_what_the_cluster_allows(shelf: Shelf) -> None:
    await setup(shelf.client, shelf.index)
    before = await count_shards(shelf.client)
    assert before.most == 1_000
    await shelf.client.indices.create(
        index=f"{shelf.index.health}-x", settings={"number_of_shards": 3, "number_of_replicas": 0}
    )
    await shelf.client.cluster.health(wait_for_no_initializing_shards=True)
    assert (await count_shards(shelf.client)).used == before.used + 3


def test_it_is_said_in_time_that_there_are_many() -> None:
    assert not Shards(used=799, most=1_000).are_many
    assert Shards(used=800, most=1_000).are_many
