import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigurationError
from pipeline.feeds.canonical import parse_url
from pipeline.feeds.opml import Imported, read_opml, to_toml, write_opml
from pipeline.feeds.subscriptions import Subscription, load_subscriptions
from pipeline.feeds.text import clean_line
from tests.fakes.feeds import a_subscription

OPML = b"""<opml version="2.0"><body>
<outline text="News"><outline text="Isles">
<outline type="rss" text="The Courier" xmlUrl="https://courier.example/rss" language="en-gb"/>
</outline></outline>
<outline text="The Courier" xmlurl="https://courier.example/other"/>
<outline text="Nothing"/><outline text="File" xmlUrl="file:///etc/passwd"/>
<outline text="Again" xmlUrl="https://courier.example/rss#x"/>
<outline text="" xmlUrl="https://www.herald.example/feed"/></body></opml>"""
names = st.text(min_size=1, max_size=60).map(lambda text: clean_line(text, 200)).filter(bool)
feeds = st.lists(
    st.builds(
        lambda number, name, language: a_subscription(
            id=f"f{number}", url=f"https://n{number}.example/a?b=1&c", name=name, language=language
        ),
        st.integers(0, 10**6),
        names,
        st.sampled_from([None, "en", "fr"]),
    ),
    unique_by=lambda each: each.url,
    max_size=8,
)


def test_nested_outlines_become_subscriptions_with_unique_ids() -> None:
    imported, _ = read_opml(OPML)
    found = [(each.subscription.id, each.subscription.name, each.folders) for each in imported]
    assert found == [
        ("the-courier", "The Courier", ("News", "Isles")),
        ("the-courier-2", "The Courier", ()),
        ("www-herald-example", "www.herald.example", ()),
    ]
    assert imported[0].subscription.language == "en"
    assert read_opml(OPML) == read_opml(OPML)


def test_outlines_that_are_no_subscriptions_are_listed_with_their_reason() -> None:
    _, skipped = read_opml(OPML)
    assert [(each.name, each.reason) for each in skipped] == [
        ("Nothing", "has no xmlUrl"),
        ("File", "its xmlUrl is no http or https address"),
        ("Again", "is followed already"),
    ]


def test_feeds_that_are_followed_already_are_skipped_and_their_ids_taken() -> None:
    existing = a_subscription(id="the-courier", url="https://courier.example/rss")
    imported, _ = read_opml(OPML, [existing])
    assert imported[0].subscription.id == "the-courier-2"


@given(feeds)
def test_what_is_exported_is_imported_again(subscriptions: list[Subscription]) -> None:
    imported, skipped = read_opml(write_opml(subscriptions))
    assert skipped == []
    assert [
        (i.subscription.url, i.subscription.name, i.subscription.language) for i in imported
    ] == [(each.url, each.name, each.language) for each in subscriptions]


@given(feeds)
def test_imported_feeds_may_stand_in_the_feeds_file(subscriptions: list[Subscription]) -> None:
    imported, _ = read_opml(write_opml(subscriptions))
    tables = "\n".join(
        to_toml(Imported(subscription=each.subscription, folders=(each.subscription.name,)))
        for each in imported
    )
    listed = tomllib.loads(tables).get("feeds", [])
    assert [Subscription(**table) for table in listed] == [i.subscription for i in imported]


@pytest.mark.parametrize("data", [b"", b"news", b"<rss/>", b"\0" * 99, b"<a>" * 50_000])
def test_what_is_no_opml_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigurationError, match="no OPML"):
        read_opml(data)


@given(st.binary(max_size=200), st.integers(0, 600))
def test_damaged_opml_is_read_or_refused(junk: bytes, at: int) -> None:
    with suppress(ConfigurationError):
        read_opml(OPML[:at] + junk + OPML[at:])


def test_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    document = f"""<!DOCTYPE opml [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY a "aaaa">]>
    <opml><body><outline text="&a;" xmlUrl="https://courier.example/&s;"/></body></opml>"""
    imported, skipped = read_opml(document.encode())
    assert "hidden" not in repr((imported, skipped))


def test_the_feeds_file_is_read_with_what_was_appended(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    imported, _ = read_opml(OPML)
    file.write_text("".join("\n" + to_toml(each) for each in imported), encoding="utf-8")
    assert load_subscriptions(file) == tuple(each.subscription for each in imported)


def test_names_that_are_none_in_xml_are_no_opml() -> None:
    for document in (b"<:/>", b"<opml:/>", b"<a:b:c/>"):
        with pytest.raises(ConfigurationError):
            read_opml(document)


def test_any_address_may_stand_in_the_feeds_file() -> None:
    document = "<opml><outline xmlUrl='http://n.example/\x7f?a=\u0085\\'/></opml>".encode()
    imported, _ = read_opml(document)
    (table,) = tomllib.loads(to_toml(imported[0]))["feeds"]
    assert Subscription(**table) == imported[0].subscription


@pytest.mark.parametrize("letter", ["\x01", "\x7f", "\uffff", "\ufdd0", "\u2028"])
def test_any_address_that_is_followed_can_be_exported(letter: str) -> None:
    url = f"https://n.example/{letter}"
    ((again,), _) = read_opml(write_opml([a_subscription(url=url)]))
    assert parse_url(again.subscription.url) == parse_url(url)
