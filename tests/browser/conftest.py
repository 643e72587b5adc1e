"""A real browser before the real server, with a few articles in a real index."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from pipeline.search.library import Library
from tests.browser import chromium
from tests.integration.conftest import shelf
from tests.integration.web.conftest import library
from tests.integration.web.served import served

__all__ = ["library", "shelf"]


@pytest.fixture
async def site(library: Library) -> AsyncIterator[str]:
    """The address of the server."""
    async with served(library) as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path, why_not = chromium.find()
    if path is None:
        pytest.skip(why_not)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(chromium.ARGUMENTS)
        )
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, site: str) -> AsyncIterator[Page]:
    """A page that may do nothing wrong: an error, or what the policy forbids, fails the test."""
    context = await browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    yield page
    await context.close()
    assert complaints == []
