"""The API over a real index: what it answers, and what it refuses."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest
from httpx import AsyncClient

from pipeline.search import ArticleHit, Found, StatementHit
from pipeline.search.library import Library
from pipeline.search.revisions import RevisionView, Version
from pipeline.search.whole import WholeArticle
from pipeline.web.app import build_web
from pipeline.web.keys import new_key
from tests.fakes.health import FakeHealth
from tests.fakes.records import NOW
from tests.integration.web.conftest import (
    CORRECTED,
    HOSTILE,
    STORY,
    a_desk,
    api_settings,
    some_letters,
)

API = "/api/v1"


async def test_statements_are_found_with_facets_and_a_timeline(client: AsyncClient) -> None:
    asked = {"text": "wait", "facet": ["speaker", "source"], "timeline": "true", "limit": 2}
    answer = await client.get(f"{API}/statements", params=asked)
    found = msgspec.json.decode(answer.content, type=Found[StatementHit])
    assert (found.total, len(found.hits)) == (6, 2)
    assert [each.value for each in found.facets["speaker"].values] == ["Zoë Lind"]
    assert found.timeline is not None
    assert sum(period.count for period in found.timeline.periods) == 6


async def test_pages_of_articles_follow_one_another(client: AsyncClient) -> None:
    seen: list[str] = []
    after = ""
    while True:
        answer = await client.get(f"{API}/articles", params={"limit": 1, "after": after})
        found = msgspec.json.decode(answer.content, type=Found[ArticleHit])
        seen += [hit.id for hit in found.hits]
        if not (after := found.next or ""):
            break
    assert len(seen) == len(set(seen)) == 4


async def test_articles_stories_entities_and_places_are_shown_whole(client: AsyncClient) -> None:
    answer = await client.get(f"{API}/articles/{1:032x}")
    whole = msgspec.json.decode(answer.content, type=WholeArticle)
    assert whole.article.title == "Debate 1"
    assert (whole.origin, whole.told_by, whole.seen_in) == ("own", "own", ("courier", "elsewhere"))
    assert (await client.get(f"{API}/stories/{STORY}")).json()["total"] == 3
    assert (await client.get(f"{API}/entities/zoe lind")).json()["statements"] == 6
    assert (await client.get(f"{API}/articles/{1:032x}/similar")).status_code == 200
    (place,) = (await client.get(f"{API}/places", params={"text": "wait"})).json()
    cell = await client.get(f"{API}/articles", params={"cell": place["cell"]})
    assert cell.json()["total"] == place["articles"] == 3
    elsewhere = await client.get(f"{API}/articles", params={"cell": "2/0/3"})
    assert elsewhere.json()["total"] == 0


async def test_the_versions_of_an_article_are_listed_and_compared(client: AsyncClient) -> None:
    path = f"{API}/articles/{1:032x}/revisions"
    listed = msgspec.json.decode((await client.get(path)).content, type=list[Version])
    assert [(each.revision, each.current) for each in listed] == [(1, False), (CORRECTED, True)]
    view = msgspec.json.decode((await client.get(f"{path}/1")).content, type=RevisionView)
    assert view.following == listed[1]
    assert "".join(each.text for each in view.title_changes if each.kind == "deleted") in HOSTILE
    assert [each.kind for each in view.text_changes] == ["same", "deleted"]
    story = (await client.get(f"{API}/stories/{STORY}")).json()
    versions = {copy["article"]["id"]: len(copy["versions"]) for copy in story["copies"]}
    assert versions == {f"{1:032x}": 2, f"{2:032x}": 1, f"{3:032x}": 1}


async def test_all_that_is_found_can_be_exported(client: AsyncClient) -> None:
    answer = await client.get(f"{API}/statements/export", params={"text": "wait"})
    assert answer.status_code == 200, answer.text
    lines = [msgspec.json.decode(line, type=StatementHit) for line in answer.content.splitlines()]
    assert len(lines) == 6
    asked = {"format": "csv", "limit": 2}
    answer = await client.get(f"{API}/articles/export", params=asked)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 2
    assert rows[0].keys() == set(ArticleHit.__struct_fields__)
    too_many = await client.get(f"{API}/articles/export", params={"limit": 1_001})
    assert too_many.status_code == 422


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/statements?colour=red", 422, "colour"),
        ("/statements?limit=0", 422, "limit"),
        ("/statements?since=2026-02-31", 422, "since is not a time"),
        ("/statements?after=AAAA", 422, "cursor"),
        ("/articles?facet=colour", 422, "facet"),
        ("/articles?stories=true&after=AAAA", 422, "stories cannot be paged"),
        ("/articles/xyz", 422, "article_id"),
        (f"/articles/{'f' * 32}", 404, "no such article"),
        (f"/articles/{'f' * 32}/revisions", 404, "no such article"),
        (f"/articles/{1:032x}/revisions/3", 404, "no such version"),
        (f"/articles/{1:032x}/revisions/0", 422, "revision"),
        (f"/articles/{1:032x}/revisions/{2**53}", 422, "revision"),
        (f"/stories/{'f' * 32}", 404, "no such story"),
        ("/entities/Nobody", 404, "no entity of that name"),
        ("/nothing", 404, "Not Found"),
        ("/places?zoom=13", 422, "zoom"),
    ],
)
async def test_what_cannot_be_answered_says_why(
    client: AsyncClient, path: str, status: int, detail: str
) -> None:
    answer = await client.get(API + path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert detail in problem["detail"]


async def test_health_is_told_and_its_outage_too(client: AsyncClient, health: FakeHealth) -> None:
    assert (await client.get(f"{API}/health/feeds")).json()[0]["health"] == "failing"
    assert (await client.get(f"{API}/health/line")).json()["dead_letters"] == 1
    health.gone = True
    answer = await client.get(f"{API}/health/line")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert (await client.get("/readyz")).text == "ready\n"


async def test_keys_open_what_their_scopes_say(library: Library) -> None:
    from httpx import ASGITransport

    key, sha256 = new_key()
    keys = [{"name": "desk", "sha256": sha256, "scopes": ["search"]}]
    app = build_web(
        library, FakeHealth(), a_desk(), some_letters, api_settings(keys=keys), lambda: NOW
    )
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert (await client.get(f"{API}/statements")).status_code == 401
        wrong = {"Authorization": "Bearer wrong"}
        assert (await client.get(f"{API}/statements", headers=wrong)).status_code == 401
        right = {"Authorization": f"Bearer {key}"}
        assert (await client.get(f"{API}/statements", headers=right)).status_code == 200
        export = await client.get(f"{API}/statements/export", headers=right)
        assert export.status_code == 403
        assert (await client.get("/statements")).headers["Location"] == "/sign-in"
        signed_in = await client.post("/sign-in", data={"key": key})
        assert signed_in.status_code == 303
        assert "HttpOnly" in signed_in.headers["Set-Cookie"]
        assert (await client.get("/statements")).status_code == 200


async def test_more_requests_than_allowed_are_put_off(library: Library) -> None:
    from httpx import ASGITransport

    app = build_web(
        library,
        FakeHealth(),
        a_desk(),
        some_letters,
        api_settings(requests_per_minute=2),
        lambda: NOW,
    )
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://testserver") as client:
        answers = [await client.get(f"{API}/articles") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


async def test_another_host_s_pages_cannot_use_it(library: Library) -> None:
    from httpx import ASGITransport

    app = build_web(library, FakeHealth(), a_desk(), some_letters, api_settings(), lambda: NOW)
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://evil.example") as client:
        assert (await client.get(f"{API}/articles")).status_code == 400


async def test_pages_show_what_is_found_and_escape_all_of_it(client: AsyncClient) -> None:
    for path in (
        "/statements",
        "/statements?text=wait&speaker=lind",
        "/articles?text=debate&stories=true",
        f"/articles/{3:032x}",
        f"/articles/{1:032x}",
        f"/articles/{1:032x}/revisions/1",
        f"/articles/{1:032x}/revisions/{CORRECTED}",
        f"/stories/{STORY}",
        "/entities/Zoë Lind",
        "/places?text=wait",
        "/live",
        "/health",
        f"/alerts?text={HOSTILE}",
        "/sign-in",
        f"/statements?text={HOSTILE}",
        f"/statements?since={HOSTILE}",
    ):
        answer = await client.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "<b>Courier" not in answer.text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_a_page_marks_what_was_changed_for_eyes_and_ears(client: AsyncClient) -> None:
    listed = (await client.get(f"/articles/{1:032x}")).text
    assert "Versions: 2" in listed
    assert f'href="/articles/{1:032x}/revisions/1"' in listed
    changed = (await client.get(f"/articles/{1:032x}/revisions/1")).text
    removed = '<del><span class="hidden"> [taken out: </span>Zoë Lind told Ada Park'
    assert removed in changed
    assert '<ins><span class="hidden"> [put in: </span>Debate' in changed
    current = (await client.get(f"/articles/{1:032x}/revisions/{CORRECTED}")).text
    assert "No later version is known." in current
    assert "<del>" not in current


async def test_a_page_that_is_not_there_says_so(client: AsyncClient) -> None:
    for path in (
        f"/articles/{1:032x}/revisions/7",
        "/entities/Nobody",
        f"/articles/{'f' * 32}",
        "/nothing",
    ):
        answer = await client.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/html")
