"""What servers, hubs and other stations send in headers, and robots.txt."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta

from pipeline.alerts.plan import Taken
from pipeline.alerts.webhook import attempt_of
from pipeline.feeds import schedule, websub
from pipeline.feeds.feed_head import HUBS_LIMIT
from pipeline.feeds.freshness import fresh_for
from pipeline.feeds.link_header import with_link_header
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.robots import RobotsCache, agent_name
from pipeline.feeds.robots_rules import LONGEST_DELAY
from pipeline.kafka.headers import cloud_event
from pipeline.telemetry import trace
from tests.fakes.feeds import FEED_URL, DirectParsers, FakeFetcher
from tests.fakes.records import NOW
from tests.fuzz.target import Target, joined, parts, seeds, text_of, texts
from tests.fuzz.targets.laws import at_once, is_address

_PACE = schedule.Pace(
    first=timedelta(minutes=15), floor=timedelta(minutes=5), ceiling=timedelta(hours=6)
)
_DATE = "Sun, 01 Mar 2026 12:00:00 GMT"
_HOLD = websub.Hold(
    feed_id="f", hub="https://hub.example/", topic=FEED_URL, token="t", secret="s", asked_at=NOW
)


def links(data: bytes) -> Hashable:
    """Hubs of a Link header."""
    feed = with_link_header(ParsedFeed(), text_of(data), FEED_URL)
    assert len(feed.hubs) <= HUBS_LIMIT
    for each in (*feed.hubs, feed.self_url):
        is_address(each)
    return len(feed.hubs), feed.self_url is None


def fresh(data: bytes) -> Hashable:
    """How long a server wants to be left alone: a poll follows in all cases, within a week."""
    control, age, expires, sent, retry = texts(data, 5)
    given = {"Cache-Control": control, "Age": age, "Expires": expires, "Date": sent}
    asked = fresh_for({name: value for name, value in given.items() if value}, NOW)
    wait = schedule.parse_retry_after(retry, NOW)
    assert asked is None or asked > timedelta(0)
    assert wait is None or wait >= timedelta(0)
    due = schedule.next_poll(NOW, pace=_PACE, chance=1.0, fresh_for=asked, retry_after=wait)
    assert NOW < due <= NOW + timedelta(days=7)
    attempt = attempt_of(429, retry, NOW)
    assert not isinstance(attempt, Taken)
    assert attempt.wait is None or timedelta(0) <= attempt.wait <= timedelta(days=1)
    return asked is None, wait is None, attempt.wait is None, bool(wait)


def hub(data: bytes) -> Hashable:
    """What a hub asks and signs."""
    mode, topic, challenge, lease, signature = texts(data, 5)
    query = {
        "hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge,
        "hub.lease_seconds": lease,
    }  # fmt: skip
    verified = websub.answer(query, _HOLD, NOW)
    signed = websub.is_signed(signature, _HOLD.secret, challenge.encode("utf-8", "replace"))
    if verified is None or verified.hold is None:
        return verified is None, signed
    assert verified.hold.until is not None
    assert websub.SHORTEST_LEASE <= verified.hold.until - NOW <= websub.LONGEST_LEASE
    return verified.hold.is_live(NOW), signed


def robots(data: bytes) -> Hashable:
    """A verdict for any robots.txt, with a bounded delay."""
    rules, path, agent = parts(data, 3)
    site = "https://courier.example"
    fetcher = FakeFetcher()
    fetcher.serve(f"{site}/robots.txt", rules)
    cache = RobotsCache(fetcher, agent_name(text_of(agent)))
    url = f"{site}/{path.decode('ascii', 'ignore')}"
    verdict = at_once(cache.ask(url, NOW, allow_private=False, read=DirectParsers().robots))
    assert timedelta(0) <= verdict.delay <= LONGEST_DELAY
    return verdict.allowed, bool(verdict.delay)


def traces(data: bytes) -> Hashable:
    """A trace that is read is sent on as it came."""
    found = trace.parse(data)
    in_headers = trace.in_headers([("traceparent", data), (text_of(data), b"")])
    if found is None:
        return in_headers is None
    name, value = found.header()
    assert trace.parse(value) == found
    event = cloud_event(event_id="e", event_type="t", time=NOW, trace=found)
    assert trace.in_headers(event) == found
    return name, found.sampled


TARGETS = (
    Target(
        "link-header",
        links,
        seeds(
            '<https://hub.example/>; rel="hub", </feed>; rel="self"',
            '<a>;rel="hub self";anchor="#"',
        ),
        (),
        (
            b"<",
            b">",
            b";",
            b",",
            b"rel=",
            b'rel="hub"',
            b'rel="self"',
            b'"',
            b"\\",
            b"anchor",
            b"=",
        ),
    ),
    Target(
        "freshness",
        fresh,
        seeds(
            joined("public, max-age=600", "30", _DATE, _DATE, "120"),
            joined("", "", "Mon, 02 Mar 2026 12:00:00 GMT", "", _DATE),
            joined("no-store", "", "0", "", "Mon, 02 Mar 2026 12:00:00 +0000"),
        ),
        (),
        (b"max-age=", b"no-cache", b"GMT", b"+2400", b"-0000", b"+9999", b"Mon,", b"2026", b":"),
        5_000,
    ),
    Target(
        "websub",
        hub,
        seeds(
            joined("subscribe", FEED_URL, "abc", "86400", "sha256=00"),
            joined("denied", FEED_URL, "", "", "sha1="),
        ),
        (),
        (b"sha256=", b"sha512=", b"SHA1=", b"subscribe", b"unsubscribe", b"md5="),
        5_000,
    ),
    Target(
        "robots",
        robots,
        seeds(
            joined(
                "User-agent: *\nDisallow: /private\nCrawl-delay: 2\nAllow: /*.html$\n", "a", "news"
            ),
            joined(
                "User-agent: news\nRequest-rate: 1/5s\nVisit-time: 0600-0845\nSitemap: /s\n",
                "b?c",
                "news",
            ),
        ),
        (),
        (
            b"User-agent: *\n",
            b"Disallow: ",
            b"Allow: ",
            b"Crawl-delay: ",
            b"nan",
            b"inf",
            b"*",
            b"$",
            b"Request-rate: ",
            b"Visit-time: ",
            b"Host: ",
            b"\n",
            b"%2F",
            b"-1",
            b"/",
        ),
        20_000,
    ),
    Target(
        "trace-header",
        traces,
        seeds(
            b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            b"cc-" + b"1" * 32 + b"-" + b"2" * 16 + b"-00-x",
        ),
        (),
        (b"-", b"00", b"ff", b"0" * 16),
        2_000,
    ),
)
