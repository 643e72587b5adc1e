"""Posts saved objects to Kibana's import, and reads what became of them.

Source: the saved objects API of Kibana 9, ``POST /api/saved_objects/_import``.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from typing import Annotated, Any

import aiohttp
import msgspec

from pipeline.errors import ConfigurationError, PipelineError, ServiceUnavailable
from pipeline.settings import KibanaSettings

FILE_NAME = "news-pipeline.ndjson"

_MOST_BYTES = 1_048_576
_MOST_CHARS = 200
_DENIED = frozenset({401, 403})
_NOT_YET = frozenset({429, 502, 503, 504})


class NotImported(msgspec.Struct, frozen=True):
    """One object that Kibana did not take."""

    type: str
    id: str
    error: dict[str, Any]


class Imported(msgspec.Struct, frozen=True, rename="camel"):
    """Kibana's answer: how many objects were taken, and which were not."""

    success: bool
    success_count: Annotated[int, msgspec.Meta(ge=0)] = 0
    errors: tuple[NotImported, ...] = ()


async def post(objects: bytes, settings: KibanaSettings) -> Imported:
    """Import NDJSON, over what has the same ids.

    Raises ServiceUnavailable where Kibana does not answer or is not ready, ConfigurationError where
    it does not let us in or is not there, PipelineError where it does not take an object.
    """
    try:
        async with _session(settings) as session:
            status, body = await _ask(session, objects, settings)
    except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError) as error:
        raise _wrong(settings, "its certificate is not trusted; check kibana.ca_certs") from error
    except (aiohttp.ClientError, TimeoutError) as error:
        problem = f"no answer ({type(error).__name__}); start it, or name another with --url"
        raise ServiceUnavailable(f"{_name(settings)}: {problem}") from error
    return read_answer(status, body, settings)


def read_answer(status: int, body: bytes, settings: KibanaSettings) -> Imported:
    """What an answer means; raises as :func:`post` does."""
    if status in _DENIED:
        problem = f"access denied (HTTP {status}); check kibana.api_key or username"
        raise _wrong(settings, problem)
    if status in _NOT_YET:
        raise ServiceUnavailable(f"{_name(settings)}: not ready (HTTP {status}); try again")
    try:
        answer = msgspec.json.decode(body, type=Imported) if status == 200 else None
    except msgspec.MsgspecError:
        answer = None
    if answer is None:
        problem = f"no answer of Kibana's import (HTTP {status}{_message(body)}); check the address"
        raise _wrong(settings, problem)
    if not answer.success or answer.errors:
        raise PipelineError(f"{_name(settings)}: {_refusal(answer)}")
    return answer


def _refusal(answer: Imported) -> str:
    """The first object that was not taken; the others mostly follow from it."""
    first = next(iter(answer.errors), None)
    if first is None:
        return "the import failed, and Kibana does not say why; see its log"
    why = _line(str(first.error.get("message") or first.error.get("type") or "no reason given"))
    more = len(answer.errors) - 1
    others = f" (and {more} more)" if more else ""
    return f"{first.type} {first.id} was not taken: {why}{others}; is it Kibana 9?"


def _message(body: bytes) -> str:
    """What Kibana says of an error, as a part of a line; nothing where it is not its JSON."""
    try:
        message = msgspec.json.decode(body, type=dict[str, Any]).get("message")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return f", {_line(message)}" if isinstance(message, str) else ""


def _line(text: str) -> str:
    return " ".join(text.split())[:_MOST_CHARS]


def _session(settings: KibanaSettings) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=settings.timeout_seconds)
    # Without kbn-xsrf Kibana takes the request for a forged one.
    headers = {"kbn-xsrf": "true", **_authorization(settings)}
    return aiohttp.ClientSession(timeout=timeout, headers=headers)


def _authorization(settings: KibanaSettings) -> dict[str, str]:
    """A key, or else a name with its password: one of them can be sent."""
    if settings.api_key is not None:
        return {"Authorization": f"ApiKey {settings.api_key.get_secret_value()}"}
    if settings.username is None:
        return {}
    password = settings.password.get_secret_value() if settings.password else ""
    both = b64encode(f"{settings.username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {both}"}


async def _ask(
    session: aiohttp.ClientSession, objects: bytes, settings: KibanaSettings
) -> tuple[int, bytes]:
    form = aiohttp.FormData()
    form.add_field("file", objects, filename=FILE_NAME, content_type="application/x-ndjson")
    async with session.post(
        import_url(settings),
        data=form,
        ssl=_trust(settings),
        allow_redirects=False,  # to a login page, mostly
    ) as response:
        return response.status, await response.content.read(_MOST_BYTES)


def import_url(settings: KibanaSettings) -> str:
    """Where the import of a space is."""
    space = f"/s/{settings.space}" if settings.space else ""
    return f"{settings.url}{space}/api/saved_objects/_import?overwrite=true"


def _trust(settings: KibanaSettings) -> ssl.SSLContext | bool:
    if not settings.verify_certs:
        return False
    if settings.ca_certs is None:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ca_certs)
    except OSError as error:
        raise ConfigurationError(f"setting kibana.ca_certs: {error}") from error


def _name(settings: KibanaSettings) -> str:
    return f"Kibana at {settings.url}"


def _wrong(settings: KibanaSettings, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{_name(settings)}: {problem}")
