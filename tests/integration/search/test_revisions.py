"""What a source changed, as it is read from the index."""

from __future__ import annotations

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.errors import PipelineError
from pipeline.search.revisions import read_revision, read_versions
from pipeline.search.whole import read_story
from tests.fakes.annotated import golden
from tests.fakes.debates import SENTENCE, a_debate
from tests.integration.shelf import Shelf
from tests.stacks import as_environment

ID = a_debate().article.id
NEWEST = f"{SENTENCE * 2}They agreed"


@pytest.fixture
async def corrected(shelf: Shelf) -> Shelf:
    """An article with three versions: another title, then one statement less."""
    for each in (
        a_debate(title="[bold]Three say so", statements=3, authors=("A. Writer",), origin="page"),
        a_debate(title="[bold]Two say so", statements=3, revision=2, origin="page"),
        a_debate(title="[bold]Two say so", statements=0, text=NEWEST, revision=3, origin="page"),
    ):
        await shelf.indexer().index([each])
    await shelf.indexer().index([golden("nominal-speaker")])
    await shelf.client.indices.refresh(index=",".join(shelf.index.aliases), ignore_unavailable=True)
    return shelf


async def test_versions_are_listed_oldest_first(corrected: Shelf) -> None:
    versions = await read_versions(corrected.client, corrected.index, ID)
    assert [(each.revision, each.title, each.current) for each in versions] == [
        (1, "[bold]Three say so", False),
        (2, "[bold]Two say so", False),
        (3, "[bold]Two say so", True),
    ]
    assert all(each.fetched for each in versions)
    assert [each.origin for each in versions] == ["page"] * 3
    assert await read_versions(corrected.client, corrected.index, "f" * 32) == []


async def test_a_version_is_read_beside_the_one_that_followed(corrected: Shelf) -> None:
    first = await read_revision(corrected.client, corrected.index, ID, 1)
    assert first is not None
    assert first.authors == ("A. Writer",)
    assert [each.text for each in first.title_changes if each.kind != "same"] == ["Three", "Two"]
    assert {each.kind for each in first.text_changes} == {"same"}
    assert (len(first.quotes), first.quotes_gone, first.quotes_new) == (3, (), ())
    second = await read_revision(corrected.client, corrected.index, ID, 2)
    assert second is not None
    assert second.following is not None
    assert second.following.current
    assert {each.kind for each in second.title_changes} == {"same"}
    assert [each.kind for each in second.text_changes] == ["same", "deleted", "inserted"]
    assert [each.text for each in second.text_changes] == [SENTENCE * 2, SENTENCE, "They agreed"]
    assert [each.content for each in second.quotes_gone] == ["Brenn can wait"] * 3


async def test_the_current_version_is_followed_by_none(corrected: Shelf) -> None:
    last = await read_revision(corrected.client, corrected.index, ID, 3)
    assert last is not None
    assert (last.following, last.text_changes) == (None, ())
    assert last.text == NEWEST
    for unknown in (4, 10**15):
        assert await read_revision(corrected.client, corrected.index, ID, unknown) is None


async def test_a_story_knows_the_versions_of_its_articles(corrected: Shelf) -> None:
    answer = await corrected.client.get(index=f"{corrected.index.articles}-2026.03", id=ID)
    story = await read_story(corrected.client, corrected.index, answer["_source"]["story.id"])
    assert story is not None
    (copy,) = story.copies
    assert [each.revision for each in copy.versions] == [1, 2, 3]


async def typed(shelf: Shelf, *words: str) -> Result:
    runner = CliRunner(env=as_environment(shelf.settings))
    return await asyncio.to_thread(runner.invoke, app, words)


async def test_versions_are_printed(corrected: Shelf) -> None:
    table = (await typed(corrected, "revisions", ID)).stdout
    assert "3 versions" in table
    assert "[bold]Three say so" in table
    assert table.count(" page ") == 3
    listed = json.loads((await typed(corrected, "revisions", ID, "--json")).stdout)
    assert [each["revision"] for each in listed] == [1, 2, 3]
    nothing = await typed(corrected, "revisions", "f" * 32)
    assert isinstance(nothing.exception, PipelineError)


async def test_what_was_changed_is_printed(corrected: Shelf) -> None:
    printed = (await typed(corrected, "revisions", ID, "--diff")).stdout
    assert "[bold][-Three-]{+Two+} say so" in printed
    assert "{+They agreed+}" in printed
    assert printed.count("statements gone: Zoë Lind told Brenn can wait") == 3
    views = json.loads((await typed(corrected, "revisions", ID, "--diff", "--json")).stdout)
    assert [view["version"]["revision"] for view in views] == [1, 2, 3]
    assert views[0]["title_changes"][1] == {"kind": "deleted", "text": "Three"}
