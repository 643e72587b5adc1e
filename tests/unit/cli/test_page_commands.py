import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.cli.page_lines import MAX_LINE_BYTES
from pipeline.errors import Rejected
from tests.fakes.feeds import BODY, atom, atom_entry, html_page

runner = CliRunner()


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    file = tmp_path / "feed.xml"
    file.write_bytes(atom(atom_entry(1, content=BODY), atom_entry(2)))
    return file


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.html.gz"
    file.write_bytes(gzip.compress(html_page()))
    return file


def run(*arguments: object, lines: str = "") -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments], input=lines)


def results(command: str, *lines: object) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = run(command, "--jsonl", lines=text)
    assert answer.exit_code == 0
    return [json.loads(line) for line in answer.stdout.splitlines()]


def test_a_feed_as_json_has_all_that_was_read(feed: Path) -> None:
    answer = run("parse-feed", feed, "--url", "https://courier.example/feed.xml", "--json")
    document = json.loads(answer.stdout)
    assert document["feed"]["title"] == "The Courier"
    first = document["entries"][0]
    assert first["url"] == "https://courier.example/news/1"
    assert first["published"] == first["updated"] == "2026-02-28T09:00:00Z"
    assert first.keys() >= {"id", "url", "title", "authors", "summary", "content"}


def test_a_feed_as_a_table_shows_titles_and_times(feed: Path) -> None:
    answer = run("parse-feed", feed)
    assert answer.exit_code == 0
    for words in ("The Courier", "Bridge 1", "2026-02-28 09:00", "2 entries"):
        assert words in answer.stdout


def test_a_page_as_json_has_text_and_address(page: Path) -> None:
    answer = run("extract-page", page, "--url", "https://courier.example/a?utm_source=x", "--json")
    document = json.loads(answer.stdout)
    assert document["canonical_url"] == "https://courier.example/a"
    assert document["title"] == "Bridge to close"
    assert "northern road" in document["text"]


def test_a_page_is_shown_to_be_read(page: Path) -> None:
    answer = run("extract-page", page)
    assert "Bridge to close" in answer.stdout
    assert "northern road" in answer.stdout


def test_a_file_that_is_no_article_is_an_error_with_its_reason(feed: Path) -> None:
    answer = run("extract-page", feed.parent / "empty.html")
    assert answer.exit_code == 2
    answer = run("parse-feed", __file__)
    assert isinstance(answer.exception, Rejected)
    assert str(answer.exception) == "unparsable-feed: neither RSS nor Atom"


@pytest.mark.parametrize("command", ["parse-feed", "extract-page"])
def test_a_file_or_lines_must_be_given(command: str) -> None:
    assert run(command).exit_code == 2


def test_lines_come_back_in_order_each_with_its_id(feed: Path, page: Path) -> None:
    wall = page.parent / "wall.html"
    wall.write_text("<html><body><p>Accept our cookies.</p></body></html>")
    answers = results(
        "extract-page",
        {"id": "a", "file": str(page), "url": "https://courier.example/a"},
        {"id": 2, "file": str(wall), "url": "https://courier.example/b", "more": 1},
        "not json",
        {"file": str(page)},
        {"id": "gone", "file": "/nowhere", "url": ""},
        {"id": "a", "file": str(page), "url": "https://courier.example/c"},
    )
    assert [answer["id"] for answer in answers] == ["a", 2, "line 3", "line 4", "gone", "a"]
    assert answers[0]["title"] == "Bridge to close"
    reasons = [answer["error"]["reason"] for answer in answers[1:5]]
    assert reasons == ["not-an-article", "undecodable", "schema", "unreadable-file"]
    assert answers[5]["url"] == "https://courier.example/c"


def test_a_line_gives_one_answer_however_long_it_is_and_a_blank_one_none(feed: Path) -> None:
    good = {"id": "a", "file": str(feed)}
    answers = results("parse-feed", "", "x" * (MAX_LINE_BYTES + 1), {"id": "b", "file": 5}, good)
    assert [answer["id"] for answer in answers] == ["line 2", "b", "a"]
    assert [answer["error"]["reason"] for answer in answers[:2]] == ["too-large", "schema"]


def test_feeds_come_in_lines_too(feed: Path) -> None:
    (answer,) = results("parse-feed", {"id": "f", "file": str(feed), "url": "https://a.example/"})
    assert len(answer["entries"]) == 2
    assert answer["id"] == "f"
