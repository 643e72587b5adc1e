"""Pages of results come in parts, over a real index and a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from elastic_transport import ConnectionError as Unreachable
from httpx import AsyncClient, Response

from pipeline.search import Found, SearchRequest, StatementHit
from pipeline.search.facets import Breakdown
from pipeline.search.library import Library
from pipeline.search.reader import NOTHING_BESIDE, Counted
from tests.integration.shelf import Shelf
from tests.integration.web.served import served


class SlowLibrary(Library):
    """Counts when it is told to."""

    counting: asyncio.Event

    async def statement_counts(self, request: SearchRequest, beside: Breakdown) -> Counted:
        await self.counting.wait()
        return await super().statement_counts(request, beside)


class FailingLibrary(Library):
    """Elasticsearch goes away: at once, after a while, or before it has counted."""

    at_once = after_a_while = False

    async def statements(
        self, request: SearchRequest, beside: Breakdown = NOTHING_BESIDE
    ) -> Found[StatementHit]:
        if self.after_a_while:
            await asyncio.sleep(0.1)
        if self.at_once or self.after_a_while:
            raise Unreachable("gone")
        return await super().statements(request, beside)

    async def statement_counts(self, request: SearchRequest, beside: Breakdown) -> Counted:
        raise Unreachable("gone")


@asynccontextmanager
async def asking(library: Library) -> AsyncIterator[AsyncClient]:
    async with served(library) as address, AsyncClient(base_url=address) as client:
        yield client


async def test_the_hits_are_there_before_anything_is_counted(
    shelf: Shelf, library: Library
) -> None:
    slow = SlowLibrary(shelf.client, shelf.index)
    slow.counting = asyncio.Event()
    async with asking(slow) as client, client.stream("GET", "/statements?text=wait") as answer:
        page = ""
        async for part in answer.aiter_text():
            page += part
            if page.count("data-hit") == 6 and not slow.counting.is_set():
                assert 'class="facet"' not in page
                slow.counting.set()
    assert slow.counting.is_set()
    assert page.index("data-hit") < page.index('class="timeline"') < page.index('class="facet"')
    assert page.rstrip().endswith("</html>")


async def test_the_hits_are_shown_where_they_cannot_be_counted(
    shelf: Shelf, library: Library
) -> None:
    answer = await answered(FailingLibrary(shelf.client, shelf.index))
    assert (answer.status_code, answer.text.count("data-hit")) == (200, 6)
    assert_whole(answer)


async def test_an_outage_has_its_status_where_it_is_known_at_once(shelf: Shelf) -> None:
    library = FailingLibrary(shelf.client, shelf.index)
    library.at_once = True
    answer = await answered(library)
    assert answer.status_code == 503
    assert "try again" in answer.text


async def test_an_outage_is_told_on_a_page_that_has_begun(shelf: Shelf) -> None:
    library = FailingLibrary(shelf.client, shelf.index)
    library.after_a_while = True
    answer = await answered(library)
    assert "data-hit" not in answer.text
    assert_whole(answer)


async def answered(library: Library) -> Response:
    async with asking(library) as client:
        return await client.get("/statements?text=wait")


def assert_whole(answer: Response) -> None:
    """It says what is wrong, can be searched on, and is complete."""
    assert 'role="alert"' in answer.text
    assert "try again" in answer.text
    assert 'name="speaker"' in answer.text
    assert answer.text.rstrip().endswith("</html>")
