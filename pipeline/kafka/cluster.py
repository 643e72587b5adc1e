"""Topics and consumer lag: what the line asks of the cluster beside reading and writing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar, cast

import kafka.errors
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, OffsetSpec

from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.kafka.connection import client_options, denied, failure
from pipeline.kafka.groups import Source
from pipeline.kafka.letters import letter_limit
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import Operation, Resource, Right
from pipeline.metrics import LAG, OUTAGES
from pipeline.settings import KafkaSettings, TopicSettings

logger = logging.getLogger(__name__)

T = TypeVar("T")

_MS_PER_DAY = 24 * 3600 * 1000
_RETRY_SECONDS = 1.0
_LIMIT = "max.message.bytes"
_UNKNOWN_TOPIC = kafka.errors.UnknownTopicOrPartitionError.errno
_NOT_ALLOWED = kafka.errors.TopicAuthorizationFailedError.errno


class Lag(NamedTuple):
    """How far a consumer group is: messages not yet committed, and the sum of committed offsets.

    ``topic_id`` is what the topic got when it was made: another one of that name has another.
    """

    behind: int
    committed: int
    topic_id: str = ""


class Cluster:
    """An open admin connection.

    Methods block. They raise ServiceUnavailable when Kafka is gone, and ConfigurationError when it
    does not let us in or do what is asked.
    """

    def __init__(self, settings: KafkaSettings, timeout_seconds: float = 10.0) -> None:
        check_access(settings)
        milliseconds = int(timeout_seconds * 1000)
        try:
            self._client = KafkaAdminClient(
                **client_options(settings) | {"request_timeout_ms": milliseconds},
                bootstrap_timeout_ms=milliseconds,
            )
        except kafka.errors.KafkaError as error:
            raise failure(settings, error) from error
        self._settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def create_topics(self, topics: TopicSettings) -> tuple[str, ...]:
        """Create what is missing, and return the names created. Existing topics stay as they are.

        Raises ConfigurationError when the cluster refuses (replication factor, authorization), or
        a topic's size limit is below that of the producers.
        """
        wanted = topic_configs(topics, self._settings.max_message_bytes)
        existing = set(self._call(self._client.list_topics))
        missing = {name: spec for name, spec in wanted.items() if name not in existing}
        if missing:
            self._create(missing)
        # A dead letter that is too large for its topic is cut, see pipeline.kafka.letters.
        self._check_limits([name for name in wanted if name != topics.dead_letters])
        return tuple(missing)

    def _create(self, missing: Mapping[str, Any]) -> None:
        try:
            self._client.create_topics(missing, wait_for_metadata=True)
        except kafka.errors.TopicAlreadyExistsError:
            logger.info("another process created the topics at the same time")
        except kafka.errors.AuthorizationError as error:
            lacks = f"topics are missing ({', '.join(missing)}), and CREATE on them"
            problem = denied(self._settings, type(error).__name__, lacks)
            raise ConfigurationError(
                f"{problem}; or run once, as one who may: pipeline setup"
            ) from error
        except kafka.errors.KafkaError as error:
            raise failure(self._settings, error) from error

    def _check_limits(self, topics: Iterable[str]) -> None:
        """A topic that takes less than a producer sends would refuse single articles for ever."""
        asked = [ConfigResource("topic", name, {_LIMIT: None}) for name in topics]
        found = self._call(self._client.describe_configs, asked, config_filter="all")
        for name, configs in found.get("topic", {}).items():
            limit = int(configs[_LIMIT]["value"])
            if limit < self._settings.max_message_bytes:
                raise ConfigurationError(
                    f"topic {name} takes messages of {limit} bytes only: raise its {_LIMIT}, "
                    "or lower kafka.max_message_bytes"
                )

    def lag(self, group: str, topic: str) -> Lag:
        """The lag of a group on a topic. A partition without a commit counts from its start.

        Whoever asks, the gauge has it too.
        """
        described = self._described(topic)
        partitions = _partitions_of(described)
        ends = self._offsets(partitions, OffsetSpec.LATEST)
        starts = self._offsets(partitions, OffsetSpec.EARLIEST)
        commits = self._committed(group)
        positions = {
            partition: max(commits.get(partition, -1), starts[partition]) for partition in ends
        }
        behind = sum(max(0, ends[partition] - positions[partition]) for partition in ends)
        LAG.labels(group, topic).set(behind)
        committed = sum(max(0, commits.get(partition, 0)) for partition in ends)
        return Lag(behind, committed, str(described["topic_id"]))

    def topic_id(self, topic: str) -> str:
        """What the topic got when it was made: another one of that name has another."""
        return str(self._described(topic)["topic_id"])

    def commits(self, group: str, topic: str) -> dict[int, int]:
        """By partition, the offset up to which a group is through with a topic."""
        committed = self._committed(group)
        return {each.partition: offset for each, offset in committed.items() if each.topic == topic}

    def end_offset(self, topic: str) -> int:
        """Messages ever written to the topic: the sum of its partitions' end offsets."""
        return sum(
            self._offsets(_partitions_of(self._described(topic)), OffsetSpec.LATEST).values()
        )

    def _described(self, topic: str) -> Mapping[str, Any]:
        described = self._call(self._client.describe_topics, [topic])
        code = described[0]["error_code"] if described else _UNKNOWN_TOPIC
        if code == _NOT_ALLOWED:
            raise denied(
                self._settings,
                kafka.errors.TopicAuthorizationFailedError.__name__,
                Right(Resource.TOPIC, topic, Operation.DESCRIBE),
            )
        if code:
            raise ServiceUnavailable(f"Kafka has no topic {topic}; create it with: pipeline setup")
        return cast("Mapping[str, Any]", described[0])

    def _offsets(self, partitions: list[TopicPartition], spec: Any) -> dict[TopicPartition, int]:
        asked = dict.fromkeys(partitions, spec)
        found = self._call(self._client.list_partition_offsets, asked)
        return {partition: found[partition].offset for partition in partitions}

    def _committed(self, group: str) -> dict[TopicPartition, int]:
        try:
            offsets = self._client.list_group_offsets(group)[group]
        except kafka.errors.KafkaError as error:
            lacks = Right(Resource.GROUP, group, Operation.DESCRIBE)
            raise failure(self._settings, error, lacks) from error
        return {partition: offset.offset for partition, offset in offsets.items()}

    def _call(self, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return method(*args, **options)
        except kafka.errors.KafkaError as error:
            raise failure(self._settings, error) from error


class LagMeter:
    """:meth:`Cluster.lag` of a source again and again: connects when it is first asked, and anew
    after an error, which it raises. Blocks."""

    def __init__(self, settings: KafkaSettings, source: Source) -> None:
        self._settings = settings
        self._source = source
        self._cluster: Cluster | None = None

    def __call__(self) -> Lag:
        """The lag now."""
        return self._asked(lambda cluster: cluster.lag(*self._source))

    def topic_id(self) -> str:
        """:meth:`Cluster.topic_id` of what is read."""
        return self._asked(lambda cluster: cluster.topic_id(self._source.topic))

    def _asked(self, ask: Callable[[Cluster], T]) -> T:
        try:
            if self._cluster is None:
                self._cluster = Cluster(self._settings)
            return ask(self._cluster)
        except PipelineError:
            if self._cluster is not None:
                self._cluster.close()
                self._cluster = None
            raise


def _partitions_of(described: Mapping[str, Any]) -> list[TopicPartition]:
    return [
        TopicPartition(described["name"], partition["partition_index"])
        for partition in described["partitions"]
    ]


def topic_configs(topics: TopicSettings, max_message_bytes: int) -> dict[str, dict[str, Any]]:
    """What each topic is created with, by name."""
    limit = {_LIMIT: str(max_message_bytes)}
    retained = limit | {"retention.ms": str(topics.retention_days * _MS_PER_DAY)}
    compacted = limit | {"cleanup.policy": "compact"}
    # That a key has ended is kept as long as what it ended, for those who look back.
    ends_kept = {"delete.retention.ms": retained["retention.ms"]}
    forgetful = retained | ends_kept | {"cleanup.policy": "compact,delete"}
    whole = {_LIMIT: str(letter_limit(max_message_bytes))}
    configs = {
        topics.articles: retained,
        topics.backfill: retained,
        topics.enriched: retained,
        topics.dead_letters: forgetful | whole,
        topics.feeds: compacted,
        topics.ingests: compacted,
        topics.indexed: retained,
        topics.searches: compacted,
        topics.alerts: retained,
        topics.deliveries: forgetful,
        topics.stations: compacted,
        topics.waiting: compacted,
    }
    return {
        name: {
            "num_partitions": topics.partitions,
            "replication_factor": topics.replication_factor,
            "configs": config,
        }
        for name, config in configs.items()
    }


def create_topics(settings: KafkaSettings, topics: TopicSettings) -> tuple[str, ...]:
    """:meth:`Cluster.create_topics` with a connection of its own. Raises what that raises."""
    with Cluster(settings) as cluster:
        return cluster.create_topics(topics)


async def waited_for(
    ask: Callable[[], Awaitable[T]],
    report: Callable[[str], None],
    retry_seconds: float = _RETRY_SECONDS,
    on_wait: Callable[[], None] = lambda: None,
) -> T:
    """The answer to ``ask`` once Kafka answers: an outage is waited out, a refusal is raised.

    ``report`` is told once that we wait, and once that it is over; ``on_wait`` hears of each try
    that failed.
    """
    told = False
    while True:
        try:
            answer = await ask()
        except ServiceUnavailable as error:
            OUTAGES.labels("kafka").inc()
            on_wait()
            if not told:
                report(f"{error}; waiting for it")
                told = True
            await asyncio.sleep(retry_seconds)
        else:
            if told:
                report("Kafka answers: going on")
            return answer
