"""What the index station keeps of superseded revisions, in Elasticsearch and in its fake.

A test class inherits from :class:`RevisionsContract` and gives the fixture ``shelf``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, groupby
from typing import Any, Protocol

from pipeline.index import Indexer, IndexStatus, fields
from pipeline.index.revisions import revision_id
from pipeline.records import EnrichedArticle, Model
from pipeline.settings import IndexSettings
from tests.fakes.debates import a_debate
from tests.fakes.elastic_store import Killed, Mortal

INDEXED, UNCHANGED = IndexStatus.INDEXED, IndexStatus.UNCHANGED
DUPLICATE = IndexStatus.DUPLICATE
ID = a_debate().article.id

Documents = dict[str, dict[str, Any]]


class Revisioned(Protocol):
    """Indices, and who writes to them."""

    @property
    def index(self) -> IndexSettings: ...

    @property
    def client(self) -> Any: ...

    def indexer(self, client: Any = None, **changes: Any) -> Indexer: ...

    async def articles(self) -> Documents: ...

    async def statements(self) -> Documents: ...

    async def revisions(self) -> Documents: ...


async def statuses(indexer: Indexer, *batch: EnrichedArticle) -> list[IndexStatus]:
    return [outcome.status for outcome in await indexer.index(batch)]


async def history(shelf: Revisioned, article_id: str = ID) -> list[tuple[int, str]]:
    """Revision and title of each version of an article that is there, oldest first; the current one
    comes last."""
    kept = [
        each for each in (await shelf.revisions()).values() if each[fields.ARTICLE_ID] == article_id
    ]
    current = (await shelf.articles()).get(article_id)
    versions = sorted((each[fields.REVISION], each[fields.TITLE]) for each in kept)
    if current is not None:
        # One may be later: fetched between two fetches of the text that stands, and late.
        assert all(revision != current[fields.REVISION] for revision, _ in versions)
        versions.append((current[fields.REVISION], current[fields.TITLE]))
    return versions


def titles(versions: Sequence[tuple[int, str]]) -> list[str]:
    """Those that follow one another, each once."""
    return [title for title, _ in groupby(title for _, title in versions)]


async def month_made(shelf: Revisioned) -> None:
    """Have the indices of the month, which are made when something is written to them."""
    for title, revision in (("Old", 1), ("New", 2)):
        await shelf.indexer().index([titled(title, revision, url="https://x.example/first")])


def titled(title: str, revision: int, **changes: Any) -> EnrichedArticle:
    return a_debate(title=title, revision=revision, **changes)


class RevisionsContract:
    """The suite."""

    async def test_what_a_newer_revision_replaces_is_kept_with_its_statements(
        self, shelf: Revisioned
    ) -> None:
        indexer = shelf.indexer()
        old = titled("Old", 1, statements=2, authors=("A. Writer",))
        assert await statuses(indexer, old) == [INDEXED]
        assert await shelf.revisions() == {}
        assert await statuses(indexer, titled("New", 2, statements=1)) == [INDEXED]
        ((kept_id, kept),) = (await shelf.revisions()).items()
        assert kept_id == revision_id(ID, 1)
        assert kept["_index"] == f"{shelf.index.revisions}-2026.03"
        assert (kept[fields.TITLE], kept[fields.TEXT]) == ("Old", old.article.text)
        assert kept[fields.AUTHORS] == ["A. Writer"]
        assert [each[fields.CONTENT] for each in kept[fields.QUOTED]] == ["Brenn can wait"] * 2
        assert await history(shelf) == [(1, "Old"), (2, "New")]

    async def test_first_revisions_and_repetitions_ask_and_write_nothing_more(
        self, shelf: Revisioned
    ) -> None:
        await month_made(shelf)
        batch = [a_debate(url=f"https://x.example/{n}") for n in range(3)]
        first, again = Mortal(shelf.client), Mortal(shelf.client)
        await shelf.indexer(first).index(batch)
        await shelf.indexer(again).index(batch)
        assert first.asked == ["mget", "bulk", "msearch", "bulk", "bulk"]
        assert again.asked == ["mget"]

    async def test_a_correction_costs_one_question_and_one_request(self, shelf: Revisioned) -> None:
        await month_made(shelf)
        await shelf.indexer().index([titled("Old", 1)])
        client = Mortal(shelf.client)
        await shelf.indexer(client).index([titled("New", 2)])
        assert client.asked == ["mget", "mget", "bulk", "bulk", "bulk"]

    async def test_an_older_revision_that_comes_late_is_kept_itself(
        self, shelf: Revisioned
    ) -> None:
        indexer = shelf.indexer()
        await indexer.index([titled("New", 5)])
        late = titled("Old", 2, statements=3)
        assert await statuses(indexer, late) == [DUPLICATE]
        assert await history(shelf) == [(2, "Old"), (5, "New")]
        (kept,) = (await shelf.revisions()).values()
        assert len(kept[fields.QUOTED]) == 3

    async def test_revisions_that_a_batch_passes_over_are_kept(self, shelf: Revisioned) -> None:
        batch = [titled(each, n) for each, n in (("B", 2), ("C", 3), ("A", 1))]
        assert await statuses(shelf.indexer(), *batch) == [DUPLICATE, INDEXED, DUPLICATE]
        assert await history(shelf) == [(1, "A"), (2, "B"), (3, "C")]

    async def test_the_same_text_again_is_no_correction(self, shelf: Revisioned) -> None:
        indexer = shelf.indexer()
        await indexer.index([titled("A", 1)])
        await indexer.index([titled("A", 2), titled("A", 3)])
        await indexer.index([titled("A", 4, model=Model(name="test", version="2"))])
        assert await shelf.revisions() == {}

    async def test_what_came_between_the_same_text_twice_and_is_late_is_not_the_newest(
        self, shelf: Revisioned
    ) -> None:
        indexer = shelf.indexer()
        for revision, title in ((1, "A"), (3, "A"), (2, "B")):
            await indexer.index([titled(title, revision)])
        (article,) = (await shelf.articles()).values()
        assert (article[fields.TITLE], article[fields.LATEST_REVISION]) == ("A", 3)
        assert list(await shelf.revisions()) == [revision_id(ID, 2)]
        assert await statuses(indexer, titled("C", 4)) == [INDEXED]
        assert await history(shelf) == [(1, "A"), (2, "B"), (4, "C")]

    async def test_what_was_taken_back_is_there_both_times(self, shelf: Revisioned) -> None:
        indexer = shelf.indexer()
        for revision, title in enumerate("ABA", start=1):
            await indexer.index([titled(title, revision)])
        assert await history(shelf) == [(1, "A"), (2, "B"), (3, "A")]

    async def test_all_of_it_again_changes_nothing(self, shelf: Revisioned) -> None:
        indexer = shelf.indexer()
        versions = [titled(title, n) for n, title in enumerate("ABC", start=1)]
        for _ in range(2):
            for each in versions:
                await indexer.index([each])
        before = await shelf.revisions()
        await indexer.index(versions)
        assert await shelf.revisions() == before
        assert await history(shelf) == [(1, "A"), (2, "B"), (3, "C")]

    async def test_a_worker_that_lost_its_partition_keeps_what_it_could_not_write(
        self, shelf: Revisioned
    ) -> None:
        client = Interrupted(shelf.client, lambda: shelf.indexer().index([titled("New", 5)]))
        assert await statuses(shelf.indexer(client), titled("Old", 2)) == [DUPLICATE]
        assert await history(shelf) == [(2, "Old"), (5, "New")]
        assert {each[fields.REVISION] for each in (await shelf.statements()).values()} == {5}

    async def test_a_worker_that_is_killed_at_any_request_loses_and_doubles_nothing(
        self, shelf: Revisioned
    ) -> None:
        runs = [await self._killed_until_it_is_through(shelf, after=each) for each in (False, True)]
        assert runs == [9, 9]

    async def _killed_until_it_is_through(self, shelf: Revisioned, *, after: bool) -> int:
        """The number of the first request that a batch does not need; it was killed at each of
        those before, and repeated."""
        for at in count(1):
            url = f"https://x.example/{after}/{at}"
            first, *batch = (
                titled("A", 1, url=url, statements=3),
                titled("B", 2, url=url, statements=1),
                titled("C", 3, url=url, statements=2),
            )
            article_id = first.article.id
            await shelf.indexer().index([first])
            try:
                client = Mortal(shelf.client, at, after=after)
                await shelf.indexer(client, bulk_max_bytes=1).index(batch)
            except Killed:
                assert "A" in await self._titles(shelf, article_id)
                await shelf.indexer().index(batch)
            else:
                return at
            assert await history(shelf, article_id) == [(1, "A"), (2, "B"), (3, "C")]
            kept = (await shelf.revisions())[revision_id(article_id, 1)]
            assert len(kept[fields.QUOTED]) == 3
        raise AssertionError("an endless count has no end")

    async def _titles(self, shelf: Revisioned, article_id: str) -> set[str]:
        """Of all versions that are there, in the middle of a batch too."""
        documents = (*(await shelf.revisions()).values(), *(await shelf.articles()).values())
        return {each[fields.TITLE] for each in documents if each[fields.ARTICLE_ID] == article_id}


class Interrupted:
    """A client before whose first bulk request something else happens."""

    def __init__(self, client: Any, other: Any) -> None:
        self._client = client
        self._other = other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def bulk(self, **parameters: Any) -> Any:
        other, self._other = self._other, None
        if other is not None:
            await other()
        return await self._client.bulk(**parameters)
