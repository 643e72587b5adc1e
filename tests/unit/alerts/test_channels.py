"""Alerts on their way out, to real servers on loopback: what arrives, and what does not."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from pipeline import settings
from pipeline.alerts.channels import Channels, failed_mail
from pipeline.alerts.derived import WebhookKeys
from pipeline.alerts.plan import Attempt, Failed, Taken, planned
from pipeline.records import Webhook
from pipeline.settings import AlertSettings
from tests.certificates import Authority
from tests.fakes.alerts import SECRET, a_search, an_alert
from tests.fakes.destinations import Inbox, Receiver, is_signed
from tests.fakes.records import NOW
from tests.stacks import free_ports


def chosen(**changes: Any) -> AlertSettings:
    given = {"timeout_seconds": 1.0, "smtp_tls": "none"}
    return settings.load().alerts.model_copy(update=given | changes)


KEYS = WebhookKeys(lambda: b"k" * 32)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


async def posted(url: str, secret: str = SECRET, **changes: Any) -> Attempt:
    search = a_search(webhooks=(Webhook(url=url, secret=secret),))
    (delivery,) = planned(an_alert(), search, 0, NOW)
    given = {"private_hosts": (URL(url).authority,)} | changes
    async with Channels(chosen(**given), lambda: datetime.now(UTC), KEYS, {}) as channels:
        return await channels.carry(delivery, an_alert(), search)


async def mailed(inbox: Inbox, **changes: Any) -> Attempt:
    search = a_search(webhooks=(), emails=("ada@courier.example",))
    (delivery,) = planned(an_alert(), search, 0, NOW)
    given = {"smtp_host": "127.0.0.1", "smtp_port": inbox.port} | changes
    async with Channels(chosen(**given), lambda: NOW, KEYS, {}) as channels:
        return await channels.carry(delivery, an_alert(), search)


async def test_a_webhook_arrives_signed(receiver: Receiver) -> None:
    assert await posted(receiver.url) == Taken()
    (request,) = receiver.requests
    assert is_signed(request, SECRET)
    assert not is_signed(request._replace(body=request.body + b" "), SECRET)
    assert not is_signed(request, "whsec_" + "A" * 32)
    assert request.id == an_alert().id
    assert request.headers["content-type"] == "application/json"


async def test_what_the_receiver_says_is_heard(receiver: Receiver) -> None:
    receiver.answers += [500, 503, 410]
    receiver.headers = {"Retry-After": "60"}
    minute = timedelta(minutes=1)
    assert await posted(receiver.url) == Failed("status 500", wait=minute)
    assert await posted(receiver.url) == Failed("status 503", wait=minute)
    assert await posted(receiver.url) == Failed("status 410", gone=True, wait=minute)


async def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.answers += [302]
    receiver.headers = {"Location": receiver.url}
    assert await posted(receiver.url) == Failed("status 302")
    assert len(receiver.requests) == 1


async def test_a_receiver_that_takes_its_time_is_left(receiver: Receiver) -> None:
    receiver.seconds = 1.0
    started = time.monotonic()
    assert await posted(receiver.url, timeout_seconds=0.2) == Failed("not done in 0.2 s")
    assert time.monotonic() - started < 0.9


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_private_addresses_are_refused_for_good(receiver: Receiver, host: str) -> None:
    url = receiver.url.replace("127.0.0.1", host)
    attempt = await posted(url, private_hosts=("127.0.0.1:1", "127.0.0.1"))
    assert isinstance(attempt, Failed)
    assert attempt.permanent
    assert receiver.requests == []


async def test_the_metadata_services_of_clouds_are_never_reached() -> None:
    attempt = await posted("http://169.254.169.254/latest/meta-data")
    assert isinstance(attempt, Failed)
    assert attempt.permanent


async def test_where_nobody_listens_it_is_tried_again() -> None:
    (port,) = free_ports(1)
    attempt = await posted(f"http://127.0.0.1:{port}/")
    assert isinstance(attempt, Failed)
    assert not attempt.permanent


async def test_a_secret_that_the_environment_lacks_is_named(receiver: Receiver) -> None:
    attempt = await posted(receiver.url, secret="env:NEWS_WEBHOOK_DESK")
    assert attempt == Failed("the alert worker's environment has no NEWS_WEBHOOK_DESK")
    assert receiver.requests == []


async def test_a_mail_arrives_at_whom_it_is_for(inbox: Inbox) -> None:
    assert await mailed(inbox) == Taken()
    (message,) = inbox.messages
    assert message["Subject"] == "What Ada Lind says: Bridge 1 to open"
    assert inbox.recipients == [["ada@courier.example"]]


async def test_what_a_mail_server_refuses_for_good_is_given_up(inbox: Inbox) -> None:
    inbox.answers += ["451 later", "554 never"]
    assert await mailed(inbox) == Failed("SMTP 451: SMTPDataError")
    assert await mailed(inbox) == Failed("SMTP 554: SMTPDataError", permanent=True)
    assert inbox.messages == []


async def test_without_a_mail_server_it_is_tried_again(inbox: Inbox) -> None:
    (port,) = free_ports(1)
    assert await mailed(inbox, smtp_port=port) == Failed("mail server: ConnectionRefusedError")
    assert await mailed(inbox, smtp_host=None) == Failed("alerts.smtp_host is not set")


async def test_no_mail_goes_out_in_the_clear_where_tls_is_asked_for(inbox: Inbox) -> None:
    attempt = await mailed(inbox, smtp_tls="starttls")
    assert isinstance(attempt, Failed)
    assert inbox.messages == []


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Inbox]:
    """A mail server whose certificate nobody trusts."""
    identity = Authority(tmp_path / "certificates").identity("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.certificate, identity.key)
    with Inbox(tls_context=context) as inbox:
        yield inbox


async def test_a_mail_server_that_cannot_prove_who_it_is_gets_nothing(secured: Inbox) -> None:
    attempt = await mailed(secured, smtp_tls="starttls")
    assert attempt == Failed("mail server: SSLCertVerificationError")
    assert secured.messages == []


def test_trouble_with_our_own_login_is_no_fault_of_the_recipient() -> None:
    assert not failed_mail(smtplib.SMTPAuthenticationError(535, b"who are you")).permanent
    refused = failed_mail(smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"a secret")}))
    assert refused == Failed("SMTP 550: recipient refused", permanent=True)
    greylisted = smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"later")})
    assert not failed_mail(greylisted).permanent
