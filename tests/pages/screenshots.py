"""Pictures of the web page for docs/, taken of a server that runs.

With `make run` in another window: python -m tests.pages.screenshots
"""

from __future__ import annotations

import argparse
import asyncio
import json
from urllib.request import urlopen

from playwright.async_api import Browser, async_playwright

from pipeline import resources
from tests.browser import chromium

FOLDER = resources.root() / "docs" / "screenshots"
DESK, PHONE = (1280, 860), (390, 844)


def pictures(site: str) -> dict[str, tuple[str, tuple[int, int], str]]:
    """The pages by the names of their pictures, each with its size and colours."""
    with urlopen(f"{site}/api/v1/articles?text=ferry&limit=1") as answer:
        (article,) = json.load(answer)["hits"]
    return {
        "statements": ("/statements?text=bridge", DESK, "light"),
        "article": (f"/articles/{article['id']}", DESK, "light"),
        "entity": ("/entities/Ilse%20Varga", DESK, "light"),
        "statements-dark": ("/statements", DESK, "dark"),
        "phone": ("/statements?speaker=Varga", PHONE, "light"),
        "health": ("/health", DESK, "light"),
    }


async def take(
    browser: Browser, site: str, name: str, path: str, size: tuple[int, int], colours: str
) -> None:
    """One picture."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
    )
    page = await context.new_page()
    await page.goto(site + path)
    await page.screenshot(path=FOLDER / f"{name}.png")
    await context.close()


async def take_all(site: str) -> None:
    """All of them."""
    program, why_not = chromium.find()
    if program is None:
        raise SystemExit(why_not)
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=list(chromium.ARGUMENTS)
        )
        for name, (path, size, colours) in pictures(site).items():
            await take(browser, site, name, path, size, colours)
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.pages.screenshots")
    parser.add_argument("--url", default="http://127.0.0.1:18088")
    asyncio.run(take_all(parser.parse_args().url))
