"""``pipeline search`` and ``pipeline statements``, as they are typed."""

from __future__ import annotations

import asyncio
import json

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.errors import ServiceUnavailable
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
