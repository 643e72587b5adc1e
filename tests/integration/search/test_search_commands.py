"""``pipeline search`` and ``pipeline statements``, as they are typed."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import sys

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.errors import PipelineError, ServiceUnavailable
from pipeline.settings import Settings
from tests.fakes.debates import a_debate
from tests.integration.shelf import Shelf
from tests.stacks import as_environment, free_ports, updated


def typed(settings: Settings, *words: str) -> Result:
    return CliRunner(env=as_environment(settings)).invoke(app, words)


@pytest.fixture
async def library(shelf: Shelf) -> Shelf:
    await shelf.indexer().index([a_debate(title="[bold]A debate")])
    await shelf.client.indices.refresh(index=f"{shelf.index.articles},{shelf.index.statements}")
    return shelf


async def run(shelf: Shelf, *words: str) -> Result:
    return await asyncio.to_thread(typed, shelf.settings, *words)


async def test_statements_are_printed_as_a_table(library: Shelf) -> None:
    result = await run(library, "statements", "--speaker", "lind")
    assert result.exit_code == 0
    assert result.stdout.count("told ") == 2
    assert "Zoë Lind" in result.stdout


async def test_statements_are_printed_as_json(library: Shelf) -> None:
    result = await run(library, "statements", "brenn", "--type", "indirect", "--json")
    hits = json.loads(result.stdout)
    assert [(hit["speaker"], hit["addressee"]) for hit in hits] == [("Zoë Lind", "Ada Park")] * 2
    assert hits[0]["article_id"] == a_debate().article.id


async def test_articles_are_printed_as_a_table_and_as_json(library: Shelf) -> None:
    table = await run(library, "search", "brenn", "wait", "--entity", "ada park")
    assert "[bold]A debate" in table.stdout
    (hit,) = json.loads((await run(library, "search", "brenn", "--json")).stdout)
    assert hit["title"] == "[bold]A debate"
    assert hit["matches"]


async def test_hits_are_printed_as_csv(library: Shelf) -> None:
    rows = list(
        csv.DictReader((await run(library, "statements", "brenn", "--csv")).stdout.splitlines())
    )
    assert [row["speaker"] for row in rows] == ["Zoë Lind"] * 2
    assert (await run(library, "search", "brenn", "--csv", "--json")).exit_code == 2


async def test_every_filter_narrows(library: Shelf) -> None:
    for words in (("--role", "mayor"), ("--language", "en"), ("--asserted",)):
        found = json.loads((await run(library, "statements", *words, "--json")).stdout)
        assert len(found) == 2, words
    assert json.loads((await run(library, "search", "--country", "FR", "--json")).stdout) == []


async def test_an_entity_is_shown_with_whom_it_speaks_of_and_to(library: Shelf) -> None:
    table = (await run(library, "entity", "zoe lind")).stdout
    for words in ("Zoë Lind", "mayor (2)", "Brenn (2)", "Ada Park (2)", "told "):
        assert words in table
    assert json.loads((await run(library, "entity", "Brenn", "--json")).stdout)["articles"] == 1
    nobody = await run(library, "entity", "Nobody")
    assert isinstance(nobody.exception, PipelineError)


async def test_a_story_is_shown_with_its_copies(library: Shelf) -> None:
    (hit,) = json.loads((await run(library, "search", "brenn", "--json")).stdout)
    assert "[bold]A debate" in (await run(library, "story", hit["story"])).stdout
    story = json.loads((await run(library, "story", hit["story"], "--json")).stdout)
    assert story["total"] == 1
    assert [each["current"] for each in story["copies"][0]["versions"]] == [True]
    assert isinstance((await run(library, "story", "0" * 32)).exception, PipelineError)


async def test_a_watched_search_tells_what_is_new_and_once(library: Shelf) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pipeline", "statements", "--json", "--watch", "--speaker", "lind",
        env=os.environ | as_environment(library.settings), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    before = [json.loads(await process.stdout.readline()) for _ in range(2)]
    url = "https://courier.example/new"
    await library.indexer().index([a_debate(id="9" * 32, url=url, canonical_url=url)])
    await library.client.indices.refresh(index=library.index.statements)
    new = [json.loads(await asyncio.wait_for(process.stdout.readline(), 20)) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    rest, _ = await asyncio.wait_for(process.communicate(), 20)
    assert {hit["article_id"] for hit in new} == {"9" * 32}
    assert not {hit["article_id"] for hit in before} & {"9" * 32}
    assert (rest, process.returncode) == (b"", 0)


async def test_what_is_not_there_is_an_empty_list_and_no_error(library: Shelf) -> None:
    result = await run(library, "search", "absentword", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []
    assert "Nothing found" in result.stderr


@pytest.mark.parametrize("command", ["search", "statements"])
async def test_before_anything_is_indexed_it_says_so(shelf: Shelf, command: str) -> None:
    result = await run(shelf, command, "brenn", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []
    assert "Nothing is indexed yet" in result.stderr


@pytest.mark.parametrize(
    "words", [("--since", "soon"), ("--limit", "0"), ("--since", "1d", "--until", "2d")]
)
def test_what_makes_no_sense_is_a_usage_error(line: Settings, words: tuple[str, ...]) -> None:
    assert typed(line, "search", "brenn", *words).exit_code == 2


def test_without_elasticsearch_there_is_one_line_with_the_remedy(line: Settings) -> None:
    (port,) = free_ports(1)
    gone = updated(line, {"elasticsearch": {"hosts": (f"http://127.0.0.1:{port}",)}})
    error = typed(gone, "search", "brenn").exception
    assert isinstance(error, ServiceUnavailable)
    assert error.exit_code == 4
    assert str(error).endswith("start it: pipeline up")
    assert "\n" not in str(error)
