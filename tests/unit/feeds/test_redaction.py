"""What is shown of an address that is a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.redaction import kept_url, shown_url, without_credentials

SECRET = "hunter2Hunter2hunter2"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://ada:{SECRET}@a.example/feed", "https://***@a.example/feed"),
        (f"https://{SECRET}@a.example:8443/feed", "https://***@a.example:8443/feed"),
        (f"https://a.example/feed?token={SECRET}", "https://a.example/feed?token=***"),
        ("https://a.example/feed?key=abc&page=2", "https://a.example/feed?key=***&page=2"),
        ("https://a.example/f?X-Api-Key=1", "https://a.example/f?X-Api-Key=***"),
        ("https://a.example/f?x=9f8e7d6c5b4a39281706", "https://a.example/f?x=***"),
        ("https://a.example/u/9f8e7d6c5b4a39281706/rss", "https://a.example/u/***/rss"),
        (
            "https://a.example/p/0b5f6c1e-8d2a-4f7b-9c3d-1e2f3a4b5c6d.xml",
            "https://a.example/p/***",
        ),
        ("https://a.example/f?a=1#token", "https://a.example/f?a=1"),
        ("http://[broken", "***"),
    ],
)
def test_keys_and_credentials_are_hidden(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example/rss",
        "https://courier.example/feeds/world-news/2026/bridge-closes-for-the-3rd-time-in-2026.xml",
        "https://courier.example/feed?format=atom&category=politics&limit=100",
        "http://127.0.0.1:18080/feed.xml",
        "https://www.youtube.example/feeds/videos.xml?playlist=news",
    ],
)
def test_other_addresses_stay_as_they_are(url: str) -> None:
    assert shown_url(url) == kept_url(url) == without_credentials(url) == url


def test_what_is_kept_tells_two_secrets_apart_and_neither_stands_in_it() -> None:
    one, other = (f"https://a.example/feed?token={SECRET}{n}" for n in "12")
    assert kept_url(one) != kept_url(other)
    assert SECRET not in kept_url(one)
    assert kept_url(one) == kept_url(one)


@given(st.text(max_size=60), st.text("abc@:/?#", max_size=20))
def test_nothing_before_the_host_is_left_of_any_address(name: str, rest: str) -> None:
    url = f"https://{name.replace('/', '')}@host.example/{rest}"
    shown_url(url)
    assert without_credentials("https://u:p@h.example/a@b") == "https://h.example/a@b"
