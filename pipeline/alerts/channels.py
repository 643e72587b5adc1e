"""Carries alerts out: HTTP requests and SMTP conversations, each bounded, none ever raising."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import datetime
from email.message import EmailMessage
from types import TracebackType
from typing import Protocol, Self

from pipeline.alerts.derived import WebhookKeys
from pipeline.alerts.mail import message_of
from pipeline.alerts.plan import Attempt, Failed, Taken, webhook_of
from pipeline.alerts.webhook import attempt_of, body_of, headers_of, key_of
from pipeline.errors import ConfigurationError
from pipeline.feeds.fetch import FetchFailed, GuardedSessions, checked, within
from pipeline.records import Alert, Channel, Delivery, SavedSearch
from pipeline.settings import AlertSettings

MAIL_THREADS = 2


class Carrier(Protocol):
    """What tries a delivery."""

    async def carry(self, delivery: Delivery, alert: Alert, search: SavedSearch) -> Attempt:
        """What came of one try. Takes a bounded time, and raises nothing."""


class Channels:
    """A :class:`Carrier` on the network. Used as an async context manager."""

    def __init__(
        self,
        settings: AlertSettings,
        clock: Callable[[], datetime],
        keys: WebhookKeys,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._environment = environment
        self._keys = keys
        self._held = AsyncExitStack()
        self._sessions = GuardedSessions(
            settings.private_hosts,
            user_agent=settings.user_agent,
            accept="*/*",
            connections=settings.concurrency,
        )
        # Of their own: a mail server that hangs must not keep Kafka's producer from its thread.
        self._mail_threads = ThreadPoolExecutor(MAIL_THREADS, "mail")

    async def __aenter__(self) -> Self:
        await self._held.enter_async_context(self._sessions)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._mail_threads.shutdown(wait=False, cancel_futures=True)
        await self._held.aclose()

    async def carry(self, delivery: Delivery, alert: Alert, search: SavedSearch) -> Attempt:
        """What came of one try."""
        if delivery.channel is Channel.EMAIL:
            return await self._mail(delivery, alert)
        return await self._post(delivery, alert, search)

    async def _post(self, delivery: Delivery, alert: Alert, search: SavedSearch) -> Attempt:
        webhook = webhook_of(delivery, search)
        if webhook is None:
            return Failed("the search has no such webhook", gone=True)
        now, body = self._clock(), body_of(alert)
        try:
            key = key_of(webhook.secret, self._environment, self._keys.key)
            headers = headers_of(alert, body, key, now)
            async with within(self._settings.timeout_seconds):
                return await self._request(webhook.url, headers, body, now)
        except FetchFailed as failure:
            return Failed(str(failure), permanent=failure.permanent)
        except (ValueError, ConfigurationError) as error:
            return Failed(str(error))

    async def _request(
        self, url: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Attempt:
        target = checked(url)
        async with self._sessions.to(target).post(
            target, data=body, headers=headers, allow_redirects=False
        ) as response:
            return attempt_of(response.status, response.headers.get("Retry-After"), now)

    async def _mail(self, delivery: Delivery, alert: Alert) -> Attempt:
        if not self._settings.smtp_host:
            return Failed("alerts.smtp_host is not set")
        message = message_of(delivery, alert, self._settings.mail_from)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._mail_threads, send_mail, self._settings, message)


def send_mail(settings: AlertSettings, message: EmailMessage) -> Attempt:
    """Hand a message to the mail server; blocks. Raises nothing."""
    try:
        with _connected(settings) as server:
            if settings.smtp_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_username:
                password = settings.smtp_password
                server.login(
                    settings.smtp_username, password.get_secret_value() if password else ""
                )
            server.send_message(message)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return failed_mail(error)
    return Taken()


def _connected(settings: AlertSettings) -> smtplib.SMTP:
    host, port = settings.smtp_host or "", settings.smtp_port
    ours = settings.mail_from.rpartition("@")[2]  # smtplib would ask DNS who we are
    if settings.smtp_tls == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, ours, timeout=settings.timeout_seconds, context=context)
    return smtplib.SMTP(host, port, ours, timeout=settings.timeout_seconds)


def failed_mail(error: Exception) -> Failed:
    """What an error means, without what the server said. A 5xx is final (RFC 5321, 4.2.1) where it
    is about the recipient or the message, not where it is about us."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max(code for code, _ in error.recipients.values())
        return Failed(f"SMTP {code}: recipient refused", permanent=code >= 500)
    if isinstance(error, smtplib.SMTPResponseException):
        final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        return Failed(f"SMTP {error.smtp_code}: {type(error).__name__}", permanent=final)
    return Failed(f"mail server: {type(error).__name__}")
