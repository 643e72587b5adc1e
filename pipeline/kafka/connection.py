"""How every client reaches the cluster: addresses, TLS and SASL from the settings."""

from __future__ import annotations

import ssl
from typing import Any

import kafka.errors

from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.settings import KafkaSettings

_USES_TLS = frozenset({"SSL", "SASL_SSL"})
_USES_SASL = frozenset({"SASL_PLAINTEXT", "SASL_SSL"})
LOGIN = "kafka.sasl_username and kafka.sasl_password"
_OUTAGES = (kafka.errors.RetriableError, kafka.errors.UnknownError)
# Of a line whose broker was gone for minutes. The clients' own 30 s would keep it waiting as long
# once the broker is back.
_RECONNECT_BACKOFF_MAX_MS = 1_000
_REQUEST_TIMEOUT_MS = 10_000
_DEFAULT_PORT = "9092"
_LAST_PORT = 65_535

METADATA_SECONDS = 15.0
"""How long a client may go without asking which topics and partitions there are."""


def bootstrap_servers(settings: KafkaSettings) -> list[str]:
    """``host:port`` of each broker to start from. Raises ConfigurationError where there is none."""
    named = [server.strip() for server in settings.bootstrap_servers.split(",") if server.strip()]
    if not named:
        raise ConfigurationError("kafka.bootstrap_servers names no server")
    return named


def host_and_port(server: str) -> tuple[str, int]:
    """The parts of ``host:port``, ``host`` or ``[v6]:port``; raises ConfigurationError."""
    host, _, port = server.rpartition(":") if ":" in server else (server, "", _DEFAULT_PORT)
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ConfigurationError(f"kafka.bootstrap_servers: {server!r} is not host:port")
    return host.strip("[]"), int(port)


def unavailable(settings: KafkaSettings, why: str) -> ServiceUnavailable:
    """The error for a cluster that does not answer, with what to do about it."""
    return ServiceUnavailable(
        f"Kafka at {settings.bootstrap_servers} does not answer ({why}); "
        "start the local one with: pipeline up"
    )


def refused(settings: KafkaSettings, why: str, setting: str) -> ConfigurationError:
    """The error for a cluster that answers, but not to us: only people can put that right."""
    return ConfigurationError(f"Kafka at {settings.bootstrap_servers}: {why}; check {setting}")


def failure(
    settings: KafkaSettings, error: kafka.errors.KafkaError, lacks: object = ""
) -> PipelineError:
    """What a client's error means: an outage, or something that only people can put right.

    ``lacks`` is the right that was asked for, and is named where the user has not got it.
    """
    name = type(error).__name__
    if isinstance(error, kafka.errors.KafkaStorageError):
        where = f"Kafka at {settings.bootstrap_servers}"
        return ServiceUnavailable(f"the disk of {where} is full or fails ({name}): make room there")
    if isinstance(error, kafka.errors.AuthorizationError):
        return denied(settings, name, lacks)
    if isinstance(error, kafka.errors.SaslAuthenticationFailedError):
        return refused(settings, f"it does not accept the login ({name})", LOGIN)
    if isinstance(error, kafka.errors.BrokerResponseError) and not isinstance(error, _OUTAGES):
        # Its text may quote the whole request.
        return refused(settings, f"it refuses the request ({name})", "[kafka] and [topics]")
    return unavailable(settings, name)


def denied(settings: KafkaSettings, name: str, lacks: object = "") -> ConfigurationError:
    """The error for a right that the user has not got: ``name`` is what Kafka calls it."""
    user = settings.sasl_username or "the user"
    needed = f": {lacks} is needed" if lacks else ""
    rights = "kafka.sasl_username and the rights it has (they are listed by: pipeline rights kafka)"
    return refused(settings, f"{user} may not do this ({name}){needed}", rights)


def tls_context(settings: KafkaSettings) -> ssl.SSLContext | None:
    """The TLS context, or None for a protocol without TLS. Certificates and names are verified.

    Raises ConfigurationError for certificate files that cannot be read.
    """
    if settings.security_protocol not in _USES_TLS:
        return None
    try:
        context = ssl.create_default_context(
            cafile=str(settings.ssl_cafile) if settings.ssl_cafile else None
        )
        if settings.ssl_certfile:
            password = settings.ssl_keyfile_password
            context.load_cert_chain(
                settings.ssl_certfile,
                settings.ssl_keyfile,
                # Without one, OpenSSL would ask for it on the terminal and wait.
                password.get_secret_value() if password else "",
            )
    except OSError as error:
        problem = f"kafka.ssl_*: cannot read the certificates or the key: {error}"
        raise ConfigurationError(problem) from error
    return context


def sasl_login(settings: KafkaSettings) -> tuple[str, str, str] | None:
    """Mechanism, user and password, or None for a protocol without SASL.

    Raises ConfigurationError when one of the three is missing.
    """
    if settings.security_protocol not in _USES_SASL:
        return None
    if not (settings.sasl_mechanism and settings.sasl_username and settings.sasl_password):
        raise ConfigurationError(
            f"kafka.security_protocol {settings.security_protocol} needs sasl_mechanism, "
            "sasl_username and sasl_password"
        )
    return (
        settings.sasl_mechanism,
        settings.sasl_username,
        settings.sasl_password.get_secret_value(),
    )


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """Keyword arguments for any kafka-python client, which others may replace."""
    options: dict[str, Any] = {
        "bootstrap_servers": bootstrap_servers(settings),
        "security_protocol": settings.security_protocol,
        "ssl_context": tls_context(settings),
        "reconnect_backoff_max_ms": _RECONNECT_BACKOFF_MAX_MS,
        "request_timeout_ms": _REQUEST_TIMEOUT_MS,
        "metadata_max_age_ms": int(METADATA_SECONDS * 1000),
    }
    login = sasl_login(settings)
    if login is not None:
        mechanism, username, password = login
        options |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": username,
            "sasl_plain_password": password,
        }
    return options
