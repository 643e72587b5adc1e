"""Rights given to Kafka users, and what a cluster says that its users have."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

import kafka.errors
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from pipeline.errors import ConfigurationError
from pipeline.kafka.connection import client_options, denied, failure
from pipeline.kafka.probe import check_access
from pipeline.kafka.rights import Grant
from pipeline.settings import KafkaSettings

_ANY_HOST = "*"


def grant(settings: KafkaSettings, grants: Collection[Grant]) -> None:
    """Have the cluster allow all of them; what it allows already, or beside them, stays. Blocks.

    Raises ConfigurationError where the cluster has no authorizer, or the user of the settings may
    not change its rights (ALTER on the cluster), ServiceUnavailable when Kafka is gone.
    """
    check_access(settings)
    try:
        with closing(KafkaAdminClient(**client_options(settings))) as client:
            answer = client.create_acls([_entry(each) for each in grants])
    except kafka.errors.KafkaError as error:
        raise failure(settings, error) from error
    for refusal in answer["failed"]:
        raise _refusal(settings, refusal)


def _refusal(settings: KafkaSettings, kind: type[kafka.errors.KafkaError]) -> Exception:
    if issubclass(kind, kafka.errors.SecurityDisabledError):
        return ConfigurationError(
            f"Kafka at {settings.bootstrap_servers} lets everybody do everything: set "
            "authorizer.class.name in its server.properties (docs/security.md)"
        )
    if issubclass(kind, kafka.errors.AuthorizationError):
        return denied(settings, kind.__name__, "ALTER on the cluster")
    return failure(settings, kind())


def _entry(each: Grant) -> ACL:
    kind = ResourceType[each.right.resource.name]
    return ACL(
        principal=each.principal,
        host=_ANY_HOST,
        operation=ACLOperation[each.right.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(kind, each.right.name),
    )
