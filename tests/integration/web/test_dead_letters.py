"""Dead letters over the API and on their page, with a scope of their own."""

from __future__ import annotations

import hashlib

import pytest
from httpx import ASGITransport, AsyncClient

from pipeline import settings
from pipeline.kafka.letters import LetterBox, addressed
from pipeline.records import Reason, Stage, dead_letter
from pipeline.records.dead_letter import place_of
from pipeline.search.library import Library
from pipeline.web.app import build_web
from pipeline.web.keys import new_key
from tests.fakes.health import FakeHealth
from tests.fakes.records import NOW
from tests.integration.web.conftest import LETTERS, a_desk, api_settings, some_letters

API, PAGE = "/api/v1/dead-letters", "/dead-letters"
TOPICS = settings.load().topics
HOSTILE = b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
async def letters() -> None:
    LETTERS.sent.clear()
    made = [
        dead_letter(
            stage=Stage.ENRICH,
            reason=Reason.SCHEMA,
            detail="<b>odd",
            failed_at=NOW,
            payload=HOSTILE,
            key=b"k",
            topic=TOPICS.articles,
            partition=0,
            offset=number,
        )
        for number in range(3)
    ]
    await LetterBox(LETTERS, TOPICS.dead_letters, 4_194_304).send([addressed(e) for e in made])


@pytest.fixture
def place() -> str:
    return place_of(TOPICS.articles, 0, 1, hashlib.sha256(HOSTILE).hexdigest())


async def test_they_are_listed_shown_sent_back_and_thrown_away(
    client: AsyncClient, place: str
) -> None:
    listed = (await client.get(API, params={"stage": "enrich", "limit": 2})).json()
    assert (listed["total"], len(listed["letters"])) == (3, 2)
    shown = await client.get(f"{API}/letter", params={"id": place})
    assert shown.json()["offset"] == 1
    assert (await client.get(f"{API}/letter", params={"id": "none"})).status_code == 404
    tried = await client.post(f"{API}/replay", json={"id": place, "dry_run": True})
    assert tried.json() == {"replayed": 1, "refused": {}}
    await client.post(f"{API}/replay", json={"id": place})
    assert [each.value for each in LETTERS.of(TOPICS.articles)] == [HOSTILE]
    assert (await client.post(f"{API}/purge", json={"all": True})).json() == {"purged": 2}
    assert (await client.get(API)).json()["total"] == 0


@pytest.mark.parametrize("body", [{}, {"stage": "kitchen"}, {"colour": "red"}, {"since": "soon"}])
async def test_what_is_not_said_plainly_is_refused(
    client: AsyncClient, body: dict[str, str]
) -> None:
    for act in ("replay", "purge"):
        answer = await client.post(f"{API}/{act}", json=body)
        assert answer.status_code == 422, answer.text
    assert (await client.get(API)).json()["total"] == 3


async def test_the_page_shows_one_and_its_forms_send_back_and_throw_away(
    client: AsyncClient, place: str
) -> None:
    page = (await client.get(PAGE, params={"id": place})).text
    assert place in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    done = await client.post(f"{PAGE}/replay", data={"id": place}, follow_redirects=True)
    assert "1 were sent back" in done.text
    assert place not in done.text
    await client.post(f"{PAGE}/purge", data={"reason": "schema"})
    assert (await client.get(API)).json()["total"] == 0
    assert "reason: invalid" in (await client.get(PAGE, params={"reason": "odd"})).text


async def test_a_form_of_another_site_or_without_a_filter_does_nothing(
    client: AsyncClient, place: str
) -> None:
    evil = {"Origin": "http://evil.example"}
    answer = await client.post(f"{PAGE}/purge", data={"id": place}, headers=evil)
    assert answer.status_code == 403
    assert (await client.post(f"{PAGE}/purge", data={})).status_code == 422
    assert (await client.get(API)).json()["total"] == 3


async def test_only_a_key_with_their_scope_may_see_them(library: Library) -> None:
    mine, others = new_key(), new_key()
    keys = [
        {"name": "mine", "sha256": mine[1], "scopes": ["dead-letters"]},
        {"name": "others", "sha256": others[1], "scopes": ["search", "export", "searches"]},
    ]
    app = build_web(
        library, FakeHealth(), a_desk(), some_letters, api_settings(keys=keys), lambda: NOW
    )
    async with AsyncClient(transport=ASGITransport(app), base_url="http://testserver") as client:
        for key, status in ((mine[0], 200), (others[0], 403)):
            headers = {"Authorization": f"Bearer {key}"}
            for path in (API, PAGE):
                assert (await client.get(path, headers=headers)).status_code == status


async def test_a_station_that_is_held_is_on_the_page_and_in_the_api(client: AsyncClient) -> None:
    page = (await client.get("/health")).text
    assert "index is held" in page
    assert "no field &lt;b&gt;" in page
    (held,) = (await client.get("/api/v1/health/line")).json()["held"]
    assert held["cause"] == "mapping"
