"""The connection to Elasticsearch, and what its failures are to the rest of the line."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from elastic_transport import TlsError
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError, TransportError

from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.index.bounded_node import bounded_node
from pipeline.index.bulk_outcome import READ_ONLY, READ_ONLY_CAUSE
from pipeline.settings import ElasticsearchSettings

POLL_SECONDS = 1.0
POLLS_PER_REPORT = 30
_DENIED = frozenset({401, 403})

Report = Callable[[str], None]
Sleep = Callable[[float], Awaitable[None]]


def connect(
    settings: ElasticsearchSettings, *, most_bytes: int | None = None
) -> AsyncElasticsearch:
    """A client that asks exactly once: what to repeat is for the caller to decide (see ``bulk``).

    Opens no connection yet. Close it with ``await client.close()``. Its requests raise
    AnswerTooLarge for an answer of over ``most_bytes``. Raises ConfigurationError for hosts or
    credentials that cannot be used.
    """
    tls = any(host.startswith("https:") for host in settings.hosts)
    optional = {
        "api_key": settings.api_key.get_secret_value() if settings.api_key else None,
        "basic_auth": _basic_auth(settings),
        "ca_certs": str(settings.ca_certs) if settings.ca_certs and tls else None,
        "verify_certs": settings.verify_certs if tls else None,
        "ssl_show_warn": False if tls and not settings.verify_certs else None,
        "node_class": bounded_node(most_bytes) if most_bytes else None,
    }
    given = {name: value for name, value in optional.items() if value is not None}
    try:
        return AsyncElasticsearch(
            list(settings.hosts),
            request_timeout=settings.request_timeout_seconds,
            max_retries=0,
            retry_on_timeout=False,
            **given,  # type: ignore[arg-type]
        )
    except (ValueError, OSError) as error:
        raise ConfigurationError(f"setting elasticsearch: {error}") from error


def _basic_auth(settings: ElasticsearchSettings) -> tuple[str, str] | None:
    if settings.username is None:
        return None
    password = settings.password.get_secret_value() if settings.password else ""
    return settings.username, password


async def wait_until_ready(
    client: AsyncElasticsearch, report: Report, *, sleep: Sleep = asyncio.sleep
) -> None:
    """Return when the cluster answers and has a master; wait for that as long as it takes.

    ``report`` is told at the first failure and about every 30 seconds after it. A lost shard does
    not keep the line waiting: writes to it do, in ``bulk``, and other months go on.
    """
    for tries in count():
        problem = await _problem(client)
        if problem is None:
            return
        if tries % POLLS_PER_REPORT == 0:
            report(f"waiting for Elasticsearch: {problem}")
        await sleep(POLL_SECONDS)


async def _problem(client: AsyncElasticsearch) -> str | None:
    try:
        await client.cluster.health()
    except (TransportError, ApiError) as error:
        return describe(error)
    return None


def describe(error: TransportError | ApiError) -> str:
    """One line about a failed request; quotes nothing of what was sent."""
    if isinstance(error, TlsError):
        return (
            "no TLS, or a certificate that is not trusted; check elasticsearch.hosts and ca_certs"
        )
    if not isinstance(error, ApiError):
        return f"no answer ({type(error).__name__})"
    if _kind(error) == READ_ONLY:
        return READ_ONLY_CAUSE
    if error.meta.status in _DENIED:
        problem = (
            f"access denied (HTTP {error.meta.status}); check elasticsearch.api_key or username"
        )
        return problem + _lacking(error)
    return f"HTTP {error.meta.status}"


def _kind(error: ApiError) -> str:
    return _told(error, "type")


def _told(error: ApiError, field: str) -> str:
    cause = error.body.get("error") if isinstance(error.body, Mapping) else None
    return str(cause.get(field, "")) if isinstance(cause, Mapping) else ""


def _lacking(error: ApiError) -> str:
    """What the role does not allow, in the words of Elasticsearch's security: the action's name and
    those of indices, nothing else."""
    action = re.search(r"action \[([\w:/\[\]*]+)\] is unauthorized", _told(error, "reason"))
    if action is None:
        return ""
    on = re.search(r"on (?:restricted )?indices \[([^\]]*)\]", _told(error, "reason"))
    where = f" on {on.group(1)}" if on else ""
    return f": its role lacks {action.group(1)}{where} (roles: pipeline rights elasticsearch)"


@contextmanager
def outage_as_error(settings: ElasticsearchSettings) -> Iterator[None]:
    """Turn a failed request into a PipelineError, for those who do not wait.

    ServiceUnavailable, or ConfigurationError where waiting would not help: a certificate or
    credentials that are not accepted.
    """
    try:
        yield
    except (TransportError, ApiError) as error:
        problem = f"Elasticsearch at {', '.join(settings.hosts)}: {describe(error)}"
        if isinstance(error, TlsError):
            raise ConfigurationError(problem) from error
        if not isinstance(error, ApiError):
            raise ServiceUnavailable(f"{problem}; start it: pipeline up") from error
        if error.meta.status in _DENIED:
            raise ConfigurationError(problem) from error
        raise ServiceUnavailable(f"{problem}; see: pipeline status") from error


async def put_role(client: AsyncElasticsearch, name: str, role: Mapping[str, Any]) -> None:
    """Make or replace a role. Raises ConfigurationError where the cluster has no security, and lets
    the client's TransportError and ApiError out."""
    try:
        await client.security.put_role(name=name, **role)
    except BadRequestError as error:
        # Without security there is no such address, and Elasticsearch takes it for an index.
        raise ConfigurationError(
            f"Elasticsearch takes no role {name}: is xpack.security.enabled set? (docs/security.md)"
        ) from error


async def indices_behind(client: AsyncElasticsearch, alias: str) -> list[str]:
    """The names of the indices an alias stands for: none where there is no such alias.

    The name itself is among them where it is an index and no alias.
    """
    found = await client.indices.get(index=alias, ignore_unavailable=True, features=["aliases"])
    return sorted(found)
