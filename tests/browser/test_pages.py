"""The main paths of an analyst, with pointer and keyboard, in the light and in the dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.fakes.debates import a_debate
from tests.integration.shelf import Shelf
from tests.integration.web.conftest import HOSTILE, STORY

PAGES = (
    "/statements",
    "/statements?text=wait&speaker=lind",
    "/statements?text=absent",
    "/statements?since=soon",
    "/articles?text=debate",
    f"/articles/{1:032x}",
    f"/articles/{1:032x}/revisions/1",
    f"/stories/{STORY}",
    "/entities/Zoë Lind",
    "/places",
    "/live",
    "/alerts?speaker=Lind",
    "/health",
    "/sign-in",
    "/entities/Nobody",
)


async def test_from_words_to_a_statement_in_its_article(page: Page) -> None:
    await page.goto("/")
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("wait")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("6 statements")
    assert page.url.endswith("/statements?text=wait")
    await page.get_by_role("complementary").get_by_role("link", name="Zoë Lind").click()
    await expect(page.get_by_label("Searched by")).to_contain_text("speaker: Zoë Lind")
    await page.wait_for_load_state()  # the keys are there once the whole page is
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    hit = page.locator("[data-hit]").nth(1)
    await expect(hit).to_be_focused()
    await hit.get_by_role("link", name="Debate").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Debate")
    shown = page.locator(".said.shown")
    assert "".join(await shown.all_inner_texts()) == "Brenn can wait"


async def test_what_was_chosen_can_be_taken_away(page: Page) -> None:
    await page.goto("/statements?text=wait&source=The+Courier")
    chosen = page.get_by_label("Searched by")
    await chosen.get_by_role("link", name="source").click()
    await expect(chosen).not_to_contain_text("source")
    assert page.url.endswith("/statements?text=wait")


async def test_an_entity_leads_to_whom_it_speaks_of(page: Page) -> None:
    await page.goto(f"/articles/{1:032x}")
    await page.locator(".text").get_by_role("link", name="Zoë Lind").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Zoë Lind")
    await expect(page.get_by_role("group", name="over time")).to_be_visible()
    await page.get_by_role("heading", name="Speaks about").locator("..").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Brenn")


async def test_a_story_shows_all_of_its_copies(page: Page) -> None:
    await page.goto(f"/stories/{STORY}")
    copies = page.locator(".copies li")
    await expect(copies).to_have_count(3)
    await copies.nth(2).get_by_role("link").first.click()
    await expect(page.locator(".copies [aria-current]")).to_have_count(1)


async def test_an_article_leads_to_what_was_changed_in_it(page: Page) -> None:
    await page.goto(f"/articles/{1:032x}")
    versions = page.get_by_role("heading", name="Versions: 2").locator("..")
    await versions.get_by_role("link").first.click()
    deleted = page.get_by_role("deletion").filter(has_text="Zoë Lind told Ada Park")
    await expect(deleted).to_contain_text("[taken out: Zoë Lind")
    struck = await deleted.evaluate("each => getComputedStyle(each).textDecorationLine")
    assert struck == "line-through"
    await expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")
    await versions.get_by_role("link", name="Debate 1").click()
    assert page.url.endswith(f"/articles/{1:032x}")


async def test_a_place_on_the_map_leads_to_its_articles(page: Page) -> None:
    await page.goto("/places?text=wait")
    await page.get_by_role("link", name="articles here").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("3 articles")


async def test_a_hostile_title_stays_text(page: Page) -> None:
    await page.goto(f"/articles/{3:032x}")
    assert await page.get_by_role("heading", level=1).inner_text() == HOSTILE
    await page.goto("/articles?text=alert")
    await expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()


async def test_new_statements_appear_by_themselves_and_are_text(page: Page, shelf: Shelf) -> None:
    await page.goto("/live")
    await expect(page.locator("#live-state")).to_contain_text("Listening")
    await page.wait_for_timeout(1_500)
    url = "https://courier.example/new"
    new = a_debate(id="9" * 32, url=url, canonical_url=url, title=f"New {HOSTILE}")
    await shelf.indexer().index([new])
    first = page.locator("#live [data-hit]").first
    await expect(first).to_contain_text("New <script>", timeout=10_000)
    await page.get_by_label("Only with").fill("no such words")
    await expect(first).to_be_hidden()


async def test_a_search_becomes_an_alert(page: Page) -> None:
    await page.goto("/statements?speaker=Lind")
    await page.get_by_role("link", name="be told of new ones").click()
    await expect(page.get_by_label("Speaker")).to_have_value("Lind")
    await page.get_by_label("Name").fill("What Lind says")
    await page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row", name="What Lind says")
    await expect(row).to_contain_text("speaker: Lind")
    await row.get_by_role("link", name="finds now").click()
    await expect(page.get_by_role("status")).to_contain_text("6 statements")
    await page.goto("/alerts")
    await page.get_by_role("button", name="Remove What Lind says").click()
    await expect(page.get_by_role("heading", name="Saved searches: 0")).to_be_visible()


async def test_the_theme_is_chosen_and_kept(page: Page) -> None:
    await page.goto("/statements")
    await page.get_by_role("button", name="Dark").click()
    await page.goto("/articles")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_role("button", name="Light")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_can_be_used_by_everyone(browser: Browser, site: str, scheme: str) -> None:
    context = await browser.new_context(base_url=site, color_scheme=scheme)
    page = await context.new_page()
    found: dict[str, list[str]] = {}
    for path in PAGES:
        await page.goto(path)
        result = await Axe().run(page)
        violations = result.response["violations"]
        found[path] = [
            f"{each['id']}: {node['html']}" for each in violations for node in each["nodes"]
        ]
    await context.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


async def test_pages_fit_on_a_phone(browser: Browser, site: str) -> None:
    context = await browser.new_context(base_url=site, viewport={"width": 360, "height": 740})
    page = await context.new_page()
    for path in PAGES:
        await page.goto(path)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, path
    await context.close()


async def test_pages_can_be_read_without_scripts(browser: Browser, site: str) -> None:
    context = await browser.new_context(base_url=site, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/statements?text=wait")
    await expect(page.locator("[data-hit]")).to_have_count(6)
    await page.goto("/live")
    assert await page.locator("[data-hit]").count() > 0
    await context.close()
