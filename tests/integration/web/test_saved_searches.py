"""Searches are saved, shown without their secrets, read as a feed and removed."""

from __future__ import annotations

import feedparser
import pytest
from httpx import ASGITransport, AsyncClient

from pipeline.search.library import Library
from pipeline.web.app import build_web
from pipeline.web.keys import new_key
from tests.fakes.health import FakeHealth
from tests.fakes.records import NOW
from tests.integration.web.conftest import a_desk, api_settings, some_letters

SEARCHES = "/api/v1/searches"
DEBATES = {"name": "All debates", "about": "articles", "query": {"text": "debate"}}
HOOK = "https://desk.example/hook"


async def test_a_search_is_saved_listed_and_removed(client: AsyncClient) -> None:
    answer = await client.post(SEARCHES, json={**DEBATES, "webhooks": [HOOK]})
    assert answer.status_code == 201
    (secret,) = answer.json()["secrets"]
    assert secret["url"] == HOOK
    assert secret["secret"].startswith("whsec_")
    listed = await client.get(SEARCHES)
    assert [each["id"] for each in listed.json()] == ["all-debates"]
    assert secret["secret"] not in listed.text
    assert (await client.post(SEARCHES, json=DEBATES)).status_code == 409
    replaced = await client.post(SEARCHES, params={"replace": "true"}, json=DEBATES)
    assert replaced.status_code == 201
    assert (await client.delete(f"{SEARCHES}/all-debates")).status_code == 204
    assert (await client.delete(f"{SEARCHES}/all-debates")).status_code == 404
    assert (await client.get("/api/v1/alerts")).json() == []


async def test_an_address_names_all_that_it_can_be_asked(client: AsyncClient) -> None:
    answer = await client.put(SEARCHES, json=DEBATES)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


async def test_a_saved_search_is_a_feed(client: AsyncClient) -> None:
    await client.post(SEARCHES, json=DEBATES)
    answer = await client.get(f"{SEARCHES}/all-debates/feed")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.feed.title == "All debates"
    assert "Debate 1" in {entry.title for entry in feed.entries}
    assert (await client.get(f"{SEARCHES}/none/feed")).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": {}},
        {"query": {"colour": "red"}},
        {"query": {"speaker": " "}},
        {"query": {"type": "direct"}},
        {"webhooks": ["http://127.0.0.1/hook"]},
        {"webhooks": ["file:///etc/passwd"]},
        {"emails": ["nobody"]},
        {"name": ""},
        {"colour": "red"},
    ],
)
async def test_what_cannot_be_saved_is_refused(
    client: AsyncClient, wrong: dict[str, object]
) -> None:
    answer = await client.post(SEARCHES, json={**DEBATES, **wrong})
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]


async def test_a_form_of_our_pages_saves_and_one_of_another_site_does_not(
    client: AsyncClient,
) -> None:
    form = {"name": "Debates", "about": "articles", "text": "debate", "webhook": HOOK}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await client.post("/alerts", data=form, headers=headers)
        assert answer.status_code == 403
    assert "<td>Debates</td>" not in (await client.get("/alerts")).text
    shown = await client.post("/alerts", data=form, headers={"Origin": "http://testserver"})
    assert "whsec_" in shown.text
    page = (await client.get("/alerts")).text
    assert "<td>Debates</td>" in page
    assert "whsec_" not in page
    again = await client.post("/alerts", data=form)
    assert (again.status_code, "already" in again.text) == (409, True)
    await client.post("/alerts/debates/remove")
    assert "<td>Debates</td>" not in (await client.get("/alerts")).text


async def test_a_feed_may_be_read_with_its_key_in_the_address(library: Library) -> None:
    key, sha256 = new_key()
    keys = [{"name": "all", "sha256": sha256, "scopes": ["search", "searches"]}]
    app = build_web(
        library, FakeHealth(), a_desk(), some_letters, api_settings(keys=keys), lambda: NOW
    )
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        headers = {"Authorization": f"Bearer {key}"}
        await client.post(SEARCHES, json=DEBATES, headers=headers)
        feed = f"{SEARCHES}/all-debates/feed"
        assert (await client.get(feed)).status_code == 401
        answer = await client.get(feed, params={"key": key})
        assert answer.status_code == 200
        assert key not in answer.text
        assert (await client.get(SEARCHES, params={"key": key})).status_code == 401
