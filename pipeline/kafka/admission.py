"""Asked before a process begins: has its Kafka user the rights that its work needs?

Faust says nothing of a group that it may not join, and a topic without messages is refused to
nobody. So the broker is asked, which names what a user may do with each topic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import kafka.errors
from kafka import KafkaAdminClient, TopicPartition
from kafka.structs import OffsetAndMetadata

from pipeline.kafka.connection import client_options, denied, failure
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import Operation, Process, Resource, Right, rights
from pipeline.settings import KafkaSettings, TopicSettings

_NO_PARTITION = 2**30  # a commit for it changes nothing, and the group's rights are looked at first


def require_rights(settings: KafkaSettings, topics: TopicSettings, process: Process) -> None:
    """Return when nothing is lacking. Blocks.

    Raises ConfigurationError that names all that is, ServiceUnavailable when Kafka is gone.
    """
    check_access(settings)
    try:
        with closing(KafkaAdminClient(**client_options(settings))) as client:
            lacks = [*_lacking(client, sorted(rights(process, settings, topics)))]
    except kafka.errors.KafkaError as error:
        raise failure(settings, error) from error
    if lacks:
        raise denied(settings, f"as {process}", "; ".join(map(str, lacks)))


def _lacking(client: Any, wanted: Sequence[Right]) -> Iterator[Right]:
    names = sorted({each.name for each in wanted if each.resource is Resource.TOPIC})
    allowed = {
        each["name"]: each.get("authorized_operations") or ()
        for each in client.describe_topics(names)
    }
    for right in wanted:
        if right.resource is Resource.TOPIC:
            if right.operation not in allowed.get(right.name, ()):
                yield right
        # That it may be described is needed by the gauge of lag alone, which says so itself.
        elif right.operation is Operation.READ and not _may_commit(client, right.name, names[0]):
            yield right


def _may_commit(client: Any, group: str, topic: str) -> bool:
    nowhere = TopicPartition(topic, _NO_PARTITION)
    try:
        answer = client.alter_group_offsets(group, {nowhere: OffsetAndMetadata(0, "", -1)})
    except kafka.errors.GroupAuthorizationFailedError:
        return False
    return answer[nowhere] is not kafka.errors.GroupAuthorizationFailedError
