"""Each process may do with a real Kafka what is on the list of rights, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import kafka.errors
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewPartitions
from kafka.structs import OffsetAndMetadata

from pipeline import settings
from pipeline.errors import ConfigurationError
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.connection import client_options
from pipeline.kafka.grants import grant
from pipeline.kafka.rights import (
    Operation,
    Process,
    Resource,
    Right,
    feeds_group,
    grants,
    group_names,
    rights,
    topic_names,
)
from tests.integration.access.privileged import PrivilegedLine
from tests.integration.kafka.secure_server import SecureKafka
from tests.stacks import line_settings, stack_settings
from tests.waiting import eventually

FIELDS = [name for name, value in settings.load().topics if isinstance(value, str)]
ATTEMPTS = ("READ", "WRITE", "DELETE", "ALTER")
DENIED = kafka.errors.TopicAuthorizationFailedError


class Clients(NamedTuple):
    admin: Any
    producer: Any
    consumer: Any


@pytest.fixture(scope="module")
def privileged(secured: SecureKafka, tmp_path_factory: pytest.TempPathFactory) -> PrivilegedLine:
    chosen = line_settings(stack_settings(tmp_path_factory.mktemp("privileged")))
    line = PrivilegedLine(secured, chosen)
    with Cluster(line.settings(Process.SETUP).kafka) as cluster:
        assert len(cluster.create_topics(chosen.topics)) == len(FIELDS)
    return line


@pytest.fixture(scope="module")
def clients(privileged: PrivilegedLine) -> Iterator[Any]:
    opened: list[Any] = []

    @cache
    def of(process: Process | None) -> Clients:
        chosen = privileged.settings(process) if process else privileged.all_powerful
        options = client_options(chosen.kafka)
        made = Clients(
            KafkaAdminClient(**options),
            KafkaProducer(**options, enable_idempotence=False, max_block_ms=10_000),
            KafkaConsumer(**options, group_id=None, auto_offset_reset="earliest"),
        )
        opened.extend(made)
        return made

    yield of
    for each in opened:
        each.close()


@pytest.fixture(scope="module", autouse=True)
def filled(privileged: PrivilegedLine, clients: Any) -> None:
    """A message in each topic, so that who may read has something to read."""
    kafka_settings, topics = privileged.all_powerful.kafka, privileged.all_powerful.topics
    assert eventually(lambda: has_coordinator(clients(None).admin, feeds_group(kafka_settings)))
    for name in topic_names(topics):
        clients(None).producer.send(name, b"there", key=b"k", partition=0).get(timeout=20)


def has_coordinator(admin: Any, group: str) -> bool:
    """A new broker has none for a moment."""
    try:
        admin.list_group_offsets(group)
    except kafka.errors.RetriableError:
        return False
    return True


def attempt(clients: Clients, topic: str, operation: str) -> None:
    """Do it; raises what the broker says to it."""
    if operation == "WRITE":
        clients.producer.send(topic, b"written", key=b"k", partition=0).get(timeout=20)
    elif operation == "READ":
        partition = TopicPartition(topic, 0)
        clients.consumer.assign([partition])
        clients.consumer.seek_to_beginning(partition)
        assert clients.consumer.poll(timeout_ms=10_000)[partition]
    elif operation == "DELETE":
        clients.admin.delete_topics([topic])
    else:
        clients.admin.create_partitions({topic: NewPartitions(total_count=40)})


@pytest.mark.parametrize("operation", ATTEMPTS)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("process", Process)
def test_only_what_is_on_the_list_can_be_done_to_a_topic(
    privileged: PrivilegedLine, clients: Any, process: Process, field: str, operation: str
) -> None:
    line = privileged.settings(process)
    topic = getattr(line.topics, field)
    listed = {str(each) for each in rights(process, line.kafka, line.topics)}
    if f"{operation} on topic {topic}" in listed:
        attempt(clients(process), topic, operation)
    else:
        with pytest.raises(DENIED):
            attempt(clients(process), topic, operation)


@pytest.mark.parametrize("process", Process)
def test_the_broker_names_exactly_the_rights_of_the_list(
    privileged: PrivilegedLine, clients: Any, process: Process
) -> None:
    line = privileged.settings(process)
    admin = clients(process).admin
    described = admin.describe_topics(list(topic_names(line.topics)))
    allowed = {
        Right(Resource.TOPIC, each["name"], Operation[operation])
        for each in described
        for operation in each["authorized_operations"]
    }
    listed = rights(process, line.kafka, line.topics)
    assert allowed == {each for each in listed if each.resource is Resource.TOPIC}
    assert admin.describe_cluster()["authorized_operations"] == []
    assert "ALTER" in clients(None).admin.describe_cluster()["authorized_operations"]


@pytest.mark.parametrize("process", Process)
def test_a_process_commits_in_its_own_groups_only(
    privileged: PrivilegedLine, clients: Any, process: Process
) -> None:
    line = privileged.settings(process)
    listed = rights(process, line.kafka, line.topics)
    first = TopicPartition(line.topics.articles, 0)
    for group in (*group_names(line.kafka, line.topics), "another"):
        refused = commit_is_refused(clients(process).admin, group, first)
        assert refused != (Right(Resource.GROUP, group, Operation.READ) in listed), group


def commit_is_refused(admin: Any, group: str, place: TopicPartition) -> bool:
    """Whether the group is what is refused: of the topic it may be refused as well."""
    try:
        answer = admin.alter_group_offsets(group, {place: OffsetAndMetadata(0, "", -1)})
    except kafka.errors.GroupAuthorizationFailedError:
        return True
    return answer[place] is kafka.errors.GroupAuthorizationFailedError


def test_rights_are_given_twice_without_harm_and_by_no_one_who_has_not_the_right_to(
    privileged: PrivilegedLine,
) -> None:
    line = privileged.settings(Process.SETUP)
    wanted = grants(line.kafka, line.topics, [Process.WEB])
    grant(privileged.all_powerful.kafka, wanted)
    with pytest.raises(ConfigurationError, match="ALTER on the cluster is needed"):
        grant(line.kafka, wanted)
