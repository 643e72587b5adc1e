"""The real topic of archives' progress passes what the fake passes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import IngestStates
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import INGEST_STATES, KafkaStates
from pipeline.settings import Settings
from tests.contract.ingest_states import IngestStatesContract


class TestKafkaIngestStates(IngestStatesContract):
    @pytest.fixture
    async def states(self, line: Settings) -> AsyncIterator[IngestStates]:
        with Cluster(line.kafka) as cluster:
            cluster.create_topics(line.topics)
        async with KafkaPublisher(line.kafka) as publisher:
            yield KafkaStates(line.kafka, line.topics.ingests, publisher, INGEST_STATES)
