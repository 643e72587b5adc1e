"""A first conversation with the cluster: does it answer, and does it let us in?

Held before a client is made: kafka-python 3.0 tells a wrong password, an untrusted certificate and
a broker that is gone by the same KafkaTimeoutError, and leaves a thread and sockets behind each
client that could not bootstrap.
"""

from __future__ import annotations

import asyncio
import ssl

import aiokafka.errors
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from pipeline.background import aside
from pipeline.errors import ConfigurationError, PipelineError
from pipeline.kafka.connection import (
    LOGIN,
    bootstrap_servers,
    host_and_port,
    refused,
    sasl_login,
    tls_context,
    unavailable,
)
from pipeline.settings import KafkaSettings

_BROKER_SECONDS = 10.0
_GOODBYE_SECONDS = 0.2

_LOGIN_ERRORS = {
    aiokafka.errors.SaslAuthenticationFailed: LOGIN,
    aiokafka.errors.UnsupportedSaslMechanismError: "kafka.sasl_mechanism",
    aiokafka.errors.IllegalSaslStateError: "kafka.security_protocol",
}


def check_access(settings: KafkaSettings) -> None:
    """Return when a broker has answered a request. Takes seconds at most; blocks.

    Raises ServiceUnavailable when none answers, and ConfigurationError, naming the setting to look
    at, when one answers but its certificate, our certificate or our login is not accepted.
    """
    # In a thread, because the caller may have an event loop of its own.
    aside(lambda: asyncio.run(_ask_any(settings)))


async def _ask_any(settings: KafkaSettings) -> None:
    problems: list[PipelineError] = []
    for server in bootstrap_servers(settings):
        try:
            async with asyncio.timeout(_BROKER_SECONDS):
                await _ask(server, settings)
        except (OSError, aiokafka.errors.KafkaError) as error:
            problems.append(explain(settings, error))
        else:
            return
    refusals = [problem for problem in problems if isinstance(problem, ConfigurationError)]
    raise (refusals or problems)[0]


async def _ask(server: str, settings: KafkaSettings) -> None:
    host, port = host_and_port(server)
    mechanism, username, password = sasl_login(settings) or ("PLAIN", None, None)
    connection = AIOKafkaConnection(
        host,
        port,
        security_protocol=settings.security_protocol,
        ssl_context=tls_context(settings),
        sasl_mechanism=mechanism,
        sasl_plain_username=username,
        sasl_plain_password=password,
        request_timeout_ms=int(_BROKER_SECONDS * 1000),
    )
    try:
        await connection.connect()
        # A listener that wants a login takes greetings without one; and with TLS 1.3 a certificate
        # of ours is judged only after the handshake.
        await connection.send(MetadataRequest([]))
    finally:
        await asyncio.wait([connection.close()], timeout=_GOODBYE_SECONDS)


def explain(settings: KafkaSettings, error: Exception) -> PipelineError:
    """What a failed conversation means: an outage, or something that people have to put right."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not accepted ({error.verify_message})"
        return refused(settings, why, "kafka.ssl_cafile")
    for kind, setting in _LOGIN_ERRORS.items():
        if isinstance(error, kind):
            return refused(settings, f"it does not accept the login ({kind.__name__})", setting)
    if isinstance(error, TimeoutError):
        return unavailable(settings, "it says nothing")
    cause = error.__cause__ or error
    # What ends without a word may be a listener that expects something else, or a dying broker.
    if isinstance(cause, EOFError | ssl.SSLEOFError | ConnectionResetError):
        protocol = settings.security_protocol
        hint = f"it closes the connection; is kafka.security_protocol {protocol} right?"
        return unavailable(settings, hint)
    if isinstance(cause, ssl.SSLError):
        why = f"it does not accept our side of TLS ({cause.reason})"
        return refused(settings, why, "kafka.ssl_certfile and kafka.security_protocol")
    return unavailable(settings, type(cause).__name__)
