"""WebSub: what is asked of hubs, and what is believed of them; with a hub on loopback."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.fetch import Fetcher
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.subscriber import UNCONFIRMED, Subscriber
from pipeline.feeds.websub import (
    LONGEST_LEASE,
    RETRY_AFTER,
    SHORTEST_LEASE,
    Hold,
    answer,
    is_signed,
    with_own_hubs,
)
from tests.fakes.feeds import feed_settings
from tests.stacks import free_ports

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOPIC = "https://courier.example/feed.xml"
DAY = timedelta(days=1)


def a_hold(**changes: object) -> Hold:
    fields: dict[str, object] = {
        "feed_id": "courier",
        "hub": "https://hub.example/",
        "topic": TOPIC,
        "token": "token",
        "secret": "secret",
        "asked_at": NOON,
    }
    return Hold(**(fields | changes))  # type: ignore[arg-type]


def asked(**changes: str) -> dict[str, str]:
    return {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.challenge": "why",
        "hub.lease_seconds": "86400",
    } | {name.replace("_", ".", 1): value for name, value in changes.items()}


def test_what_we_asked_for_is_confirmed_with_the_hubs_lease() -> None:
    verified = answer(asked(), a_hold(), NOON)
    assert verified is not None
    assert verified.challenge == "why"
    assert verified.hold is not None
    assert verified.hold.until == NOON + DAY


@pytest.mark.parametrize(
    "query",
    [
        asked(hub_topic="https://other.example/"),
        asked(hub_mode="unsubscribe"),
        asked(hub_challenge=""),
        {},
    ],
)
def test_what_we_did_not_ask_for_is_not(query: dict[str, str]) -> None:
    assert answer(query, a_hold(), NOON) is None


def test_a_refusal_ends_it() -> None:
    verified = answer(asked(hub_mode="denied"), a_hold(), NOON)
    assert verified is not None
    assert verified.hold is None


@given(st.text(max_size=20))
def test_any_lease_is_taken_within_reason(seconds: str) -> None:
    verified = answer(asked(hub_lease_seconds=seconds), a_hold(), NOON)
    assert verified is not None
    assert verified.hold is not None
    assert verified.hold.until is not None
    assert SHORTEST_LEASE <= verified.hold.until - NOON <= LONGEST_LEASE


def test_a_subscription_is_renewed_before_it_ends_and_asked_for_again_when_nobody_answers() -> None:
    held = a_hold(until=NOON + DAY)
    assert [held.is_due(NOON + share * DAY) for share in (0.5, 0.79, 0.8)] == [False, False, True]
    assert [held.is_live(NOON + share * DAY) for share in (0.5, 1.0)] == [True, False]
    assert [a_hold().is_due(NOON + share * RETRY_AFTER) for share in (0.5, 1)] == [False, True]


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512", "sha1"])
def test_a_signature_is_checked_by_its_own_method(method: str) -> None:
    digest = hmac.new(b"secret", b"news", getattr(hashlib, method)).hexdigest()
    assert is_signed(f"{method}={digest}", "secret", b"news")
    assert not is_signed(f"{method}={digest}", "secret", b"other")
    assert not is_signed(f"{method}={digest}", "other", b"news")


def test_a_signature_that_is_no_utf8_is_none() -> None:
    sent = b"sha256=\xff\xc3".decode("utf-8", "surrogateescape")  # as servers hand headers on
    assert not is_signed(sent, "secret", b"")


@given(st.text(max_size=80) | st.none())
def test_no_other_header_passes_for_a_signature(header: str | None) -> None:
    assert not is_signed(header, "secret", b"news")


class Hub:
    """A hub that verifies who subscribes, and delivers."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.verdicts: list[int] = []
        self.url = ""
        self.verified = asyncio.Event()
        self._verifying: set[asyncio.Task[None]] = set()

    async def subscribe(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        task = asyncio.create_task(self._verify(form))
        self._verifying.add(task)
        return web.Response(status=202)

    async def _verify(self, form: dict[str, str]) -> None:
        query = {
            "hub.mode": "subscribe",
            "hub.topic": form["hub.topic"],
            "hub.challenge": "x1",
            "hub.lease_seconds": form["hub.lease_seconds"],
        }
        async with (
            aiohttp.ClientSession() as session,
            session.get(form["hub.callback"], params=query) as response,
        ):
            assert await response.text() == "x1"
            self.verdicts.append(response.status)
        self.verified.set()

    async def deliver(self, body: bytes, secret: str | None = None) -> int:
        form = self.forms[-1]
        digest = hmac.new((secret or form["hub.secret"]).encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": f"sha256={digest}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(form["hub.callback"], data=body, headers=headers) as response,
        ):
            return response.status


@asynccontextmanager
async def hub_on_loopback() -> AsyncIterator[Hub]:
    hub, application = Hub(), web.Application()
    application.router.add_post("/hub", hub.subscribe)
    async with TestServer(application, host="127.0.0.1") as server:
        hub.url = f"http://127.0.0.1:{server.port}/hub"
        yield hub


async def test_a_hub_on_loopback_verifies_us_and_its_knock_leads_to_a_poll() -> None:
    heard: list[str] = []
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    settings = feed_settings(websub_listen=address, websub_callback_url=f"http://{address}").feeds
    async with (
        hub_on_loopback() as hub,
        Fetcher(settings) as fetcher,
        Subscriber(settings, fetcher, lambda: NOON, heard.append) as subscriber,
    ):
        subscriber.offered("courier", [hub.url], TOPIC, allow_private=True)
        async with asyncio.timeout(5):
            await hub.verified.wait()
        assert hub.verdicts == [200]
        assert subscriber.is_live("courier")
        assert await hub.deliver(b"<feed/>") == 202
        assert heard == ["courier"]
        assert await hub.deliver(b"<feed/>", secret="a guess") == 202
        subscriber.offered("courier", [hub.url], TOPIC, allow_private=True)
        assert len(hub.forms) == 1
        subscriber.forget("courier")
        assert await hub.deliver(b"<feed/>") == 404
    assert heard == ["courier"]


async def test_only_a_hub_that_lives_lets_a_feed_wait() -> None:
    (port,) = free_ports(1)
    address = f"127.0.0.1:{port}"
    settings = feed_settings(websub_listen=address, websub_callback_url=f"http://{address}").feeds
    async with hub_on_loopback() as hub, Fetcher(settings) as fetcher:
        subscriber = Subscriber(settings, fetcher, lambda: NOON)
        async with subscriber:
            assert subscriber.wait("courier") == timedelta(0)
            subscriber.offered("courier", [hub.url], TOPIC, allow_private=True)
            async with asyncio.timeout(5):
                await hub.verified.wait()
            assert subscriber.wait("courier").total_seconds() == settings.longest_interval_seconds
            subscriber.offered("courier", [], TOPIC)
            assert subscriber.wait("courier") == timedelta(0)


def test_a_hub_that_does_not_confirm_is_asked_ever_more_rarely() -> None:
    waits = [timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 32, 32, 32)]
    for tries, wait in enumerate(waits, start=1):
        hold = a_hold(tries=tries)
        assert not hold.is_due(NOON + wait - timedelta(seconds=1))
        assert hold.is_due(NOON + wait)


def offering(topic: str | None = TOPIC) -> ParsedFeed:
    return ParsedFeed(hubs=("https://hub.example/",), self_url=topic)


def test_a_feed_names_the_hubs_of_its_own_address() -> None:
    assert with_own_hubs(offering(), TOPIC, TOPIC) == offering()
    moved = "https://www.courier.example/atom.xml"
    assert with_own_hubs(offering(moved), TOPIC, moved) == offering(moved)


def test_a_feed_that_leads_elsewhere_names_no_hub() -> None:
    found = with_own_hubs(offering(), "https://mallory.example/feed", TOPIC)
    assert (found.hubs, found.self_url) == ((), None)


def test_a_topic_is_of_the_feeds_own_site() -> None:
    mine = "https://mallory.example/feed"
    assert with_own_hubs(offering(), mine, mine).self_url == mine
    assert with_own_hubs(offering(None), mine, mine).self_url == mine


class Posted:
    """Takes forms, and keeps where they were to go."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def post(self, url: str, form: dict[str, str], *, allow_private: bool = False) -> None:
        self.urls.append(url)


async def test_feeds_without_number_aim_few_requests_at_a_third_party() -> None:
    poster = Posted()
    settings = feed_settings(websub_callback_url="http://127.0.0.1").feeds
    subscriber = Subscriber(settings, poster, lambda: NOON)
    for number in range(10 * UNCONFIRMED):
        subscriber.offered(f"feed-{number}", [f"https://victim.example/{number}"], TOPIC)
    await asyncio.sleep(0.5)
    assert len(poster.urls) <= 2  # one a second
    subscriber.offered("honest", ["https://hub.example/"], TOPIC)
    await asyncio.sleep(0.1)
    assert poster.urls[-1] == "https://hub.example/"
    asked = sum(subscriber.has_asked(f"feed-{number}") for number in range(10 * UNCONFIRMED))
    assert asked == UNCONFIRMED
    for number in range(10 * UNCONFIRMED):
        subscriber.forget(f"feed-{number}")
    await subscriber.__aexit__(None, None, None)
