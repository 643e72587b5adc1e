"""Whose an address is: neighbours on shared hosts are not one publisher."""

import pytest

from pipeline.feeds.articles import is_own
from pipeline.feeds.ownership import accepted_canonical, same_site, speaks_for
from pipeline.feeds.parsed import Page
from pipeline.feeds.subscriptions import Subscription

ONE_PUBLISHER = [
    ("https://feeds.news.example/rss", "https://www.news.example/2026/a"),
    ("https://rss.news.co.uk/world.xml", "https://sport.news.co.uk/a"),
    ("http://news.example/feed", "https://news.example:8443/a"),
    ("https://alice.substack.com/feed", "https://alice.substack.com/p/story"),
    ("https://www.medium.com/feed/@Alice", "https://medium.com/@alice/story-1"),
    ("https://mastodon.example/@alice.rss", "https://mastodon.example/@alice/11"),
    ("https://people.ox.ac.uk/~alice/feed.xml", "https://people.ox.ac.uk/~alice/paper"),
    ("https://people.ox.ac.uk/~alice/feed.xml", "https://people.ox.ac.uk/%7Ealice/paper"),
    ("https://news.example/feed", "https://news.example/@editor/a"),
    ("http://127.0.0.1:8080/feed", "http://127.0.0.1:8080/a"),
    ("http://[::1]:8080/feed", "http://[::1]:8080/a"),
]
NEIGHBOURS = [
    ("https://mallory.example/feed", "https://news.example/a"),
    ("https://mallory.substack.com/feed", "https://alice.substack.com/p/story"),
    ("https://mallory.wordpress.com/feed", "https://alice.wordpress.com/2026/a"),
    ("https://mallory.tumblr.com/rss", "https://alice.tumblr.com/post/1"),
    ("https://mallory.ghost.io/rss", "https://alice.ghost.io/a"),
    ("https://mallory.medium.com/feed", "https://alice.medium.com/a"),
    ("https://mallory.medium.com/feed", "https://medium.com/@alice/a"),
    ("https://medium.com/feed/@mallory", "https://medium.com/@alice/a"),
    ("https://medium.com/feed/@mallory", "https://medium.com/publication/a"),
    ("https://medium.com/feed/publication", "https://medium.com/@alice/a"),
    ("https://mallory.github.io/feed.xml", "https://alice.github.io/a"),
    ("https://mallory.blogspot.com/rss", "https://alice.blogspot.com/a"),
    ("https://cs.uni.edu/feed", "https://law.uni.edu/a"),
    ("https://people.ox.ac.uk/~mallory/rss", "https://people.ox.ac.uk/~alice/a"),
    ("https://people.ox.ac.uk/~mallory/rss", "https://www.ox.ac.uk/news"),
    ("https://home.uni-koeln.example/rss", "https://www.uni-koeln.example/a"),
    ("https://news.example/~mallory/rss", "https://news.example/front/a"),
    ("http://127.0.0.1:8080/feed", "http://127.0.0.1:9090/a"),
    ("no address", "https://news.example/a"),
]


@pytest.mark.parametrize(("speaker", "address"), ONE_PUBLISHER)
def test_a_publisher_speaks_for_its_own_addresses(speaker: str, address: str) -> None:
    assert speaks_for(speaker, address)


@pytest.mark.parametrize(("speaker", "address"), NEIGHBOURS)
def test_a_neighbour_speaks_for_nobody_else(speaker: str, address: str) -> None:
    assert not speaks_for(speaker, address)


def test_what_is_no_address_is_of_no_site() -> None:
    assert not same_site("no address", "no address")
    assert not same_site(None, None)


@pytest.mark.parametrize(
    ("page", "claim", "accepted"),
    [
        (
            "https://m.news.example/a?id=1",
            "https://www.news.example/a",
            "https://www.news.example/a",
        ),
        ("https://evil.example/a", "https://news.example/a", "https://evil.example/a"),
        ("https://one.github.io/a", "https://two.github.io/a", "https://one.github.io/a"),
        (
            "https://one.substack.com/p/a",
            "https://two.substack.com/p/a",
            "https://one.substack.com/p/a",
        ),
        ("https://medium.com/@one/a", "https://medium.com/@two/a", "https://medium.com/@one/a"),
        ("https://medium.com/@one/a?b", "https://medium.com/@one/a", "https://medium.com/@one/a"),
        ("https://news.example/a", "https://news.example/", "https://news.example/a"),
        ("https://news.example/a", "javascript:1", "https://news.example/a"),
        ("https://news.example/a", None, "https://news.example/a"),
        ("http://127.0.0.1:8080/a", "http://127.0.0.1:9090/b", "http://127.0.0.1:8080/a"),
        ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/b", "http://127.0.0.1:8080/b"),
    ],
)
def test_a_page_may_only_claim_an_address_of_its_own_site(
    page: str, claim: str | None, accepted: str
) -> None:
    assert accepted_canonical(page, claim) == accepted


def subscription(**changes: object) -> Subscription:
    fields = {"id": "a", "url": "https://feeds.elsewhere.example/courier", "name": "Courier"}
    return Subscription(**(fields | changes))


def test_the_operator_may_name_the_sites_of_a_feed() -> None:
    address = "https://courier.example/a"

    assert not is_own(subscription(), address)
    assert is_own(subscription(sites=("courier.example",)), address)
    assert is_own(subscription(sites=("https://www.courier.example/news",)), address)


def test_a_page_may_name_its_feed() -> None:
    address, feed = "https://courier.example/a", "https://feeds.elsewhere.example/courier"
    page = Page(url=address, canonical_url=address, title="", text="Text.", feeds=(feed,))

    assert is_own(subscription(url=f"{feed}?utm_source=x"), address, page)
    assert not is_own(subscription(url="https://feeds.elsewhere.example/mallory"), address, page)


def test_what_has_no_address_is_the_feeds() -> None:
    assert is_own(subscription(), None)


def test_a_site_that_is_no_host_is_refused() -> None:
    with pytest.raises(ValueError, match="sites: 'no host' is no host"):
        subscription(sites=("no host",))
