"""Which searches can be kept."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.searches import (
    list_all,
    made,
    remove,
    save,
    secret_of,
    shown,
    slug,
    webhooks_of,
)
from pipeline.errors import ConfigurationError
from pipeline.records import SavedSearch, Webhook, decode, encode
from pipeline.records.saved_search import secret_key
from tests.fakes.alerts import SECRET, URL, a_search
from tests.fakes.kafka import FakeSavedSearches
from tests.fakes.records import NOW, texts


@given(texts)
def test_any_name_makes_an_id(name: str) -> None:
    search = made("x", "articles", {"text": "dam"}, NOW, id=slug(name))
    assert decode(encode(search), SavedSearch) == search


def test_a_name_is_readable_in_its_id() -> None:
    assert slug("  Zoë Lind & the dam! ") == "zoe-lind-the-dam"
    assert slug("新聞") == "search"


def test_only_what_was_asked_is_kept() -> None:
    search = made("Dams", "articles", {"text": "dam", "speaker": " ", "limit": "5"}, NOW)
    assert search.query == {"text": "dam"}


@pytest.mark.parametrize(
    ("about", "asked", "why"),
    [
        ("articles", {}, "something to search for"),
        ("articles", {"text": "dam", "since": "soon"}, "since is not a time"),
        ("articles", {"text": "dam", "kind": "speech"}, "kind is not for"),
        ("statements", {"text": "dam", "stories": "true"}, "stories is not for"),
        ("statements", {"text": "dam", "type": "loud"}, "type: invalid"),
        ("statements", {"word": "dam"}, "no word to search by"),
    ],
)
def test_what_cannot_be_asked_is_refused(about: str, asked: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        made("A search", about, asked, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"emails": ["ada@courier.example\nBcc: all@courier.example"]},
        {"emails": ["ada@courier.example\n"]},
        {"emails": ["Ada <ada@courier.example>"]},
        {"emails": ["a@b.example,c@d.example"]},
        {"emails": ["ada"]},
        {"id": "Upper"},
        {"id": "lind\n"},
        {"name": "two\nlines"},
        {"webhooks": [{"url": "ftp://desk.example", "secret": SECRET}]},
        {"webhooks": [{"url": "https://desk.example", "secret": "hunter2"}]},
        {"webhooks": [{"url": "https://desk.example", "secret": "whsec_c2hvcnQ="}]},
        {"webhooks": [{"url": "https://desk.example", "secret": "env:AWS_SECRET_ACCESS_KEY"}]},
        {"webhooks": [{"url": "https://desk.example", "secret": SECRET}] * 11},
    ],
)
def test_what_breaks_a_law_of_the_record_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each has its own words)
        made(wrong.pop("name", "A search"), "articles", {"text": "dam"}, NOW, **wrong)


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_its_key_in_base64(key: bytes) -> None:
    assert secret_key(secret_of(key)) == key
    assert secret_of(key) == "whsec_" + base64.b64encode(key).decode()


async def test_a_search_is_kept_replaced_listed_and_removed() -> None:
    searches = FakeSavedSearches()
    await save(searches, a_search(), NOW, most=1)
    changed = a_search(query={"speaker": "Lind"}, webhooks=())
    await save(searches, changed, NOW, most=1)
    assert await list_all(searches) == [changed]
    with pytest.raises(ConfigurationError, match=r"alerts\.max_searches"):
        await save(searches, a_search(id="other"), NOW, most=1)
    assert await remove(searches, "lind", NOW)
    assert not await remove(searches, "lind", NOW)
    assert await list_all(searches) == []


def test_a_webhook_may_name_a_variable_for_its_secret() -> None:
    webhook = Webhook(url="https://desk.example", secret="env:NEWS_WEBHOOK_DESK")
    search = made("A search", "articles", {"text": "dam"}, NOW, webhooks=[webhook])
    assert search.webhooks == (webhook,)


def hooks(*urls: str, secret: str | None = None, private_hosts: tuple[str, ...] = ()) -> list[str]:
    """The secrets that webhooks to these addresses get."""
    numbered = (f"whsec_{'A' * 31}{n}" for n in range(9))
    made = webhooks_of(
        urls, secret, a_search(), lambda: next(numbered), private_hosts=private_hosts
    )
    return [each.secret for each in made]


def test_a_webhook_keeps_its_secret_and_a_new_one_gets_its_own() -> None:
    assert hooks(URL, "https://a.example/", "https://b.example/", URL) == [
        SECRET,
        f"whsec_{'A' * 31}0",
        f"whsec_{'A' * 31}1",
    ]
    assert hooks(URL, secret="env:NEWS_WEBHOOK_A") == ["env:NEWS_WEBHOOK_A"]


@pytest.mark.parametrize(
    "url", ["ftp://a.example", "nonsense", "http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1"]
)
def test_a_webhook_goes_to_public_addresses_of_the_web(url: str) -> None:
    with pytest.raises(ValueError, match="a webhook goes to"):
        hooks(url)


def test_private_addresses_are_for_whom_the_settings_let() -> None:
    assert hooks("http://127.0.0.1/", private_hosts=("127.0.0.1:80",))


def test_secrets_are_not_shown_and_variables_are() -> None:
    named = Webhook(url="https://a.example/", secret="env:NEWS_WEBHOOK_A")
    search = a_search(webhooks=(*a_search().webhooks, named))
    assert [each["secret"] for each in shown(search)["webhooks"]] == [
        "hidden",
        "env:NEWS_WEBHOOK_A",
    ]
    assert SECRET not in str(shown(search))
