"""What a feed may do to somebody else's article, from the poll to the index: nothing but be named
among those that led there."""

from __future__ import annotations

import pytest

from pipeline.feeds.subscriptions import Subscription
from pipeline.index import Indexer, fields
from pipeline.records import Annotations, EnrichedArticle, Model
from tests.fakes.elastic_store import FakeElasticsearch
from tests.fakes.feeds import BODY, FEED_URL, a_subscription, atom, atom_entry, html_page
from tests.unit.feeds.test_poll import PAGE_URL, SETTINGS, Line

FORGED = BODY.replace("The old bridge over the Mell", "Forged: the council's own house")


@pytest.fixture
def line() -> Line:
    return Line()


def forged(link: str, *, content: str = "") -> bytes:
    """A feed with one entry that leads to ``link``."""
    entry = atom_entry(1, content=content, updated="2026-03-01T07:00:00Z")
    return atom(entry.replace("/news/1", link).replace("Bridge 1", "Forged title"))


async def document_of(line: Line) -> dict[str, object]:
    """The one article that all articles published so far end in."""
    client = FakeElasticsearch()
    indexer = Indexer(client, SETTINGS.index, lambda: None, clock=line.clock)
    for article in line.articles:
        enriched = EnrichedArticle(
            article=article,
            annotations=Annotations(),
            story_id=article.content_sha256[:32],
            model=Model(name="none", version="1"),
            enriched_at=article.fetched_at,
        )
        await indexer.index([enriched])
    (document,) = client.behind(SETTINGS.index.articles).values()
    return document


def assert_untouched(document: dict[str, object], *, also: str) -> None:
    """The Courier's words, all of them; the other feed is only named."""
    assert document[fields.TITLE] == "Bridge 1"
    assert document[fields.SOURCE] == "The Courier"
    assert document[fields.TOLD_BY] == "own"
    assert "Forged" not in str(document)
    assert document[fields.SEEN_IN] == sorted(["courier", also])


@pytest.mark.parametrize("forged_first", [True, False])
async def test_a_redirector_rewrites_nothing(line: Line, forged_first: bool) -> None:
    mallory = a_subscription(id="mallory", url="https://mallory.example/feed", name="Mallory")
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.serve(PAGE_URL, html_page("Bridge 1"))
    line.web.serve(mallory.url, forged("https://mallory.example/go"))
    # Her page answers with 302, and the fetch says where that led.
    line.web.redirect("https://mallory.example/go", to=PAGE_URL)
    await poll_both(line, mallory, forged_first=forged_first)
    assert_untouched(await document_of(line), also="mallory")


@pytest.mark.parametrize("forged_first", [True, False])
async def test_a_neighbour_with_a_text_of_its_own_replaces_nothing(
    line: Line, forged_first: bool
) -> None:
    alice, story = "https://alice.substack.com/feed", "https://alice.substack.com/p/story"
    mallory = a_subscription(id="mallory", url="https://mallory.substack.com/feed", name="Mallory")
    own = atom_entry(1, content=BODY).replace("/news/1", story)
    line.web.serve(alice, atom(own).replace(b"https://courier.example/", b"https://alice.x/"))
    line.web.serve(mallory.url, forged(story, content=FORGED))
    line.web.serve(story, html_page("Bridge 1"))
    await poll_both(line, mallory, forged_first=forged_first, own=a_subscription(url=alice))
    assert_untouched(await document_of(line), also="mallory")


@pytest.mark.parametrize("forged_first", [True, False])
async def test_a_canonical_address_elsewhere_takes_nobodys_place(
    line: Line, forged_first: bool
) -> None:
    """Her page says that the Courier's is its canonical address, and has a text of its own."""
    mallory = a_subscription(id="mallory", url="https://mallory.example/feed", name="Mallory")
    page = html_page("Forged title", FORGED).replace(
        b"<title>", f"<link rel=canonical href='{PAGE_URL}'><title>".encode()
    )
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    line.web.serve(mallory.url, forged("https://mallory.example/page"))
    line.web.serve("https://mallory.example/page", page)
    await poll_both(line, mallory, forged_first=forged_first)
    by_address = {article.canonical_url: article for article in line.articles}
    assert set(by_address) == {PAGE_URL, "https://mallory.example/page"}
    assert by_address[PAGE_URL].title == "Bridge 1"
    assert len({article.id for article in line.articles}) == 2


async def poll_both(
    line: Line, other: Subscription, *, forged_first: bool, own: Subscription | None = None
) -> None:
    """Each feed once, in either order."""
    feeds = [own or a_subscription(), other]
    for each in reversed(feeds) if forged_first else feeds:
        outcome = await line.poll(each)
        assert outcome.outcome == "new", outcome
