"""Fetch one address over HTTP, as a guest who does not trust the house.

Every hop of a redirect is checked anew, and so is the address the socket connects to, after the
name was resolved. Sizes (decoded), headers, redirects and the time for all of it are bounded.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urljoin

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from pipeline.feeds.addresses import is_allowed, is_named
from pipeline.feeds.canonical import parse_url
from pipeline.feeds.freshness import fresh_for
from pipeline.settings import FeedSettings

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEMPORARY = frozenset({408, 421, 425, 429})  # and all from 500 on
_VALIDATOR_LIMIT = 500  # characters
_CHUNK = 65_536
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/html;q=0.8, application/xhtml+xml;q=0.8, */*;q=0.5"
)


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A body. ``url`` is where it was found in the end; validators are as the server sent them.

    ``fresh_for`` is how long the server asks to be left alone; None where it does not say.
    ``link`` is the value of all its Link headers.
    """

    url: str
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    fresh_for: timedelta | None = None
    link: str | None = None


class NotModified(msgspec.Struct, frozen=True, kw_only=True):
    """What was fetched before is still what the server has."""

    fresh_for: timedelta | None = None


class FetchFailed(Exception):
    """Nothing could be had. ``permanent``: the same request will not do better later.

    ``status`` is the server's, None where there was no answer; ``retry_after`` is its header, as
    sent.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        status: int | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.status = status
        self.retry_after = retry_after


class TooLarge(FetchFailed):
    """More was sent than was asked for. ``head`` is as much of it as was."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"over {len(head)} bytes", permanent=True)
        self.head = head


class Fetches(Protocol):
    """What is needed of :class:`Fetcher`."""

    async def fetch(
        self,
        url: str,
        *,
        limit: int,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
    ) -> Fetched | NotModified:
        """Get ``url``, or raise FetchFailed."""


class AddressRefused(OSError):
    """A name leads to an address that may not be connected to."""


class Fetcher:
    """Fetches. Used as an async context manager; one for all feeds."""

    def __init__(self, settings: FeedSettings) -> None:
        self._settings = settings
        self._sessions = GuardedSessions(
            settings.private_hosts,
            user_agent=settings.user_agent,
            accept=_ACCEPT,
            # As many as feeds and pages are fetched at a time, which others see to: who waited
            # here would lose its time, and not by turns.
            connections=0,
            per_host=settings.polls_per_host + settings.pages_per_host,
        )

    async def __aenter__(self) -> Self:
        await self._sessions.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._sessions.__aexit__(kind, error, trace)

    async def fetch(
        self,
        url: str,
        *,
        limit: int,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
    ) -> Fetched | NotModified:
        """Get ``url``, at most ``limit`` bytes of it after decompression.

        ``allow_private`` holds for the host and the port of ``url``, and for no other it may
        redirect to but those of ``feeds.private_hosts``.
        Raises FetchFailed, TooLarge where there is more.
        """
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in validators.items() if value}
        async with within(self._settings.timeout_seconds):
            return await self._follow(url, headers, limit, allow_private=allow_private)

    async def post(self, url: str, form: dict[str, str], *, allow_private: bool = False) -> None:
        """Send a form, and take any 2xx for an answer. Raises FetchFailed."""
        async with within(self._settings.timeout_seconds):
            target = checked(url)
            session = self._sessions.to(target, allow_private=allow_private)
            async with session.post(target, data=form, allow_redirects=False) as response:
                if response.status // 100 != 2:
                    raise FetchFailed(
                        f"status {response.status}", permanent=False, status=response.status
                    )

    async def _follow(
        self, url: str, headers: dict[str, str], limit: int, *, allow_private: bool
    ) -> Fetched | NotModified:
        start = hop = checked(url)
        for _ in range(self._settings.max_redirects + 1):
            # What is exempt is a host and a port: beside a feed there may be anything else.
            own = allow_private and (hop.host, hop.port) == (start.host, start.port)
            session = self._sessions.to(hop, allow_private=own)
            async with session.get(hop, headers=headers, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await _read(response, limit)
                hop = _target(response)
        raise FetchFailed(f"over {self._settings.max_redirects} redirects", permanent=True)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """A time for all of a request; whatever goes wrong in it is a FetchFailed."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise FetchFailed(f"not done in {seconds:g} s", permanent=False) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise FetchFailed(_describe(error), permanent=_is_permanent(error)) from error


class GuardedSessions:
    """What connects to allowed addresses only, whatever a name resolves to: to private ones where
    ``private_hosts`` name their host and port, or the caller allows it. At most ``connections``
    (0: any number) at a time, ``per_host`` of them to one host. Used as an async context manager.
    """

    def __init__(
        self,
        private_hosts: Collection[str],
        *,
        user_agent: str,
        accept: str,
        connections: int,
        per_host: int = 4,
    ) -> None:
        self._private_hosts = private_hosts
        self._headers = {"User-Agent": user_agent, "Accept": accept}
        self._connections = connections
        self._per_host = per_host
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        for allow_private in (False, True):
            self._sessions[allow_private] = self._session(allow_private=allow_private)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in self._sessions.values():
            await session.close()

    def to(self, url: URL, *, allow_private: bool = False) -> aiohttp.ClientSession:
        """What ``url`` may be asked with. Raises FetchFailed where it names an address that may not
        be connected to."""
        may_be_private = allow_private or is_named(url, self._private_hosts)
        check_literal(url, allow_private=may_be_private)
        return self._sessions[may_be_private]

    def _session(self, *, allow_private: bool) -> aiohttp.ClientSession:
        def open_socket(address: aiohttp.AddrInfoType) -> socket.socket:
            # The last word, whatever was resolved before: this is the address that is connected to.
            family, kind, protocol, _, target = address
            if not is_allowed(str(target[0]), allow_private=allow_private):
                raise AddressRefused("a private or reserved address")
            return socket.socket(family=family, type=kind, proto=protocol)

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=open_socket,
                resolver=_Resolver(allow_private=allow_private),
                limit=self._connections,
                limit_per_host=self._per_host,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            trust_env=False,
            max_line_size=8_190,
            max_field_size=8_190,
            max_headers=128,
        )


class _Resolver(AbstractResolver):
    """The system's resolver without the addresses that may not be connected to."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The allowed addresses of ``host``. Raises AddressRefused when there are only others."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [
            each for each in found if is_allowed(each["host"], allow_private=self._allow_private)
        ]
        if not allowed:
            raise AddressRefused("leads to a private or reserved address")
        return allowed

    async def close(self) -> None:
        """Let go of nothing."""


def checked(url: str) -> URL:
    """An http or https address. Raises FetchFailed."""
    parsed = parse_url(url)
    if parsed is None:
        raise FetchFailed("no http or https address", permanent=True)
    return parsed


def check_literal(url: URL, *, allow_private: bool) -> None:
    """Refuse an IP address in the URL itself: no resolver ever sees it."""
    host = url.raw_host or ""
    literal = ":" in host or host.replace(".", "").isdigit()
    if literal and not is_allowed(host, allow_private=allow_private):
        raise FetchFailed("a private or reserved address", permanent=True)


def _target(response: aiohttp.ClientResponse) -> URL:
    location = response.headers.get("Location", "")
    if not location:
        raise FetchFailed(f"status {response.status} without a location", permanent=True)
    return checked(urljoin(str(response.url), location))


async def _read(response: aiohttp.ClientResponse, limit: int) -> Fetched | NotModified:
    fresh = fresh_for(response.headers, datetime.now(UTC))
    if response.status == 304:
        return NotModified(fresh_for=fresh)
    if response.status != 200:
        raise FetchFailed(
            f"status {response.status}",
            permanent=response.status < 500 and response.status not in _TEMPORARY,
            status=response.status,
            retry_after=response.headers.get("Retry-After"),
        )
    return Fetched(
        url=str(response.url),
        body=await _body(response, limit),
        content_type=response.headers.get("Content-Type"),
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        fresh_for=fresh,
        link=", ".join(response.headers.getall("Link", ())) or None,
    )


def _validator(response: aiohttp.ClientResponse, name: str) -> str | None:
    """A validator as it was sent; None for one that is too long to keep, or that is not ASCII and
    cannot always be written as JSON."""
    value = response.headers.get(name)
    if value is None or len(value) > _VALIDATOR_LIMIT:
        return None
    return value if value.isascii() and value.isprintable() else None


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, decompressed piece by piece so that a bomb bursts at the limit, not in memory."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            response.close()
            raise TooLarge(bytes(body[:limit]))
    return bytes(body)


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return False  # it is a ValueError too, but certificates get renewed
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(cause, AddressRefused | ValueError)


def _describe(error: Exception) -> str:
    """What went wrong in a line, without what the server sent."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate cannot be verified"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {error.os_error.strerror or error.os_error}"
    return str(error) if isinstance(error, AddressRefused) else type(error).__name__
