"""Hubs in Link headers: what RFC 8288 allows, and what servers send."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.link_header import with_link_header
from pipeline.feeds.parsed import ParsedFeed
from tests.fakes.feeds import BODY, FEED_URL, atom, atom_entry
from tests.unit.feeds.test_poll import Line

HUB = "https://hub.example/"
TOPIC = "https://courier.example/topic"
IN_DOCUMENT = ParsedFeed(hubs=("https://other.example/",), self_url="https://other.example/feed")


def read(header: str | None) -> tuple[tuple[str, ...], str | None]:
    feed = with_link_header(ParsedFeed(), header, FEED_URL)
    return feed.hubs, feed.self_url


@pytest.mark.parametrize(
    "header",
    [
        f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"',
        f"<{HUB}>;rel=hub,<{TOPIC}>;rel=self",
        f"<{HUB}> ; REL = HUB , , <{TOPIC}> ; title*=UTF-8''a ; Rel=\"up self\"",
        f'<{TOPIC}>; title="a, <b>; \\"rel=hub"; rel=self; crossorigin, <{HUB}>; rel=hub;',
        f'<{TOPIC}>; rel=self, <x>; rel="hub" junk, <{HUB}>; rel="hub preconnect"',
        f'</topic>; rel="self"; rel="hub", <{HUB}>; rel="hub", <{HUB}>; rel="hub"',
        f'<{HUB}>; rel=hub, <{TOPIC}>; rel=self, <https://elsewhere.example>; rel="hub',
    ],
)
def test_hubs_and_the_feed_itself_are_read_however_the_header_is_written(header: str) -> None:
    assert read(header) == ((HUB,), TOPIC)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        ",,;",
        f"{HUB}; rel=hub",
        f"<{HUB}>",
        f"<{HUB}>; rel=stylesheet",
        f'<{HUB}>; title="rel=hub"',
        f'<{HUB}>; rel=hub; anchor="/another-feed"',
        f'<{HUB}; rel="hub"',
        "<http://[x>; rel=hub",
        "<javascript:x>; rel=hub",
        f"<{TOPIC}>; rel=self",
    ],
)
def test_a_header_without_a_hub_says_nothing(header: str | None) -> None:
    assert with_link_header(IN_DOCUMENT, header, FEED_URL) == IN_DOCUMENT


def test_the_header_comes_before_the_document() -> None:
    feed = with_link_header(IN_DOCUMENT, f"<{HUB}>; rel=hub", FEED_URL)
    assert (feed.hubs, feed.self_url) == ((HUB,), IN_DOCUMENT.self_url)


targets = st.integers(0, 999).map(lambda number: f"https://hub{number}.example/")
values = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=20)


@given(st.lists(st.tuples(targets, values, st.booleans()), min_size=1, max_size=5))
def test_what_stands_in_other_parameters_is_not_mistaken_for_a_link(
    links: list[tuple[str, str, bool]],
) -> None:
    def written(target: str, title: str, is_hub: bool) -> str:
        quoted = title.replace("\\", "\\\\").replace('"', '\\"')
        return f'<{target}>; title="{quoted}"; rel={"hub" if is_hub else "next"}'

    hubs = tuple(dict.fromkeys(target for target, _, is_hub in links if is_hub))
    assert read(", ".join(written(*link) for link in links))[0] == hubs


pieces = st.sampled_from(
    ["<", ">", ";", ",", "=", '"', "\\", " ", "rel", "hub", "https://h.example/"]
)


@given(st.lists(pieces, max_size=60).map("".join) | st.text(max_size=100))
def test_any_header_is_read_or_passed_over(header: str) -> None:
    hubs, _ = read(header)
    assert all(hub.startswith(("http://", "https://")) for hub in hubs)


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a>",
        "<a>,",
        "<a>;",
        "<a>; ",
        '<a>;b="',
        '<a>;b="\\',
        "<a>;b=",
        ", ,",
        ";a" * 9,
        " ",
        "\\",
    ],
)
def test_no_header_takes_long(piece: str) -> None:
    started = time.process_time()
    read(f"<a>{piece * 200_000}")
    read(piece * 200_000)
    assert time.process_time() - started < 1


async def test_a_poll_tells_of_the_hubs_in_the_header() -> None:
    line = Line()
    header = f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"'
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), link=header)
    outcome = await line.poll()
    assert (outcome.hubs, outcome.topic) == ((HUB,), TOPIC)
