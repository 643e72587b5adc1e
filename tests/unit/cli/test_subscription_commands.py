import json
import threading
import tomllib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli.app import app
from pipeline.errors import ConfigurationError, PipelineError
from tests.fakes.feeds import atom, atom_entry

OPML = """<opml version="2.0"><body><outline text="News">
<outline text="The Courier" xmlUrl="https://courier.example/rss"/></outline>
<outline text="Nothing"/></body></opml>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "feeds.toml"
    file.write_text('[[feeds]]\nid = "old"\nurl = "https://old.example/"\nname = "Old"\n')
    monkeypatch.setenv("PIPELINE_FEEDS__FILE", str(file))
    return file


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<link rel=feed href=news.atom>")
    (folder / "news.atom").write_bytes(atom(atom_entry(1)))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        named = f"127.0.0.1:{server.server_port}"
        monkeypatch.setenv("PIPELINE_FEEDS__PRIVATE_HOSTS", f'["{named}"]')
        yield f"http://{named}"
        server.shutdown()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["feeds", *map(str, arguments)])


@pytest.mark.parametrize("command", ["discover", "import", "export"])
def test_help_teaches_with_examples(command: str) -> None:
    answer = run(command, "--help")
    assert answer.exit_code == 0
    assert "Examples" in answer.stdout


def test_imported_feeds_are_printed_as_tables(feeds: Path, tmp_path: Path) -> None:
    (tmp_path / "my.opml").write_text(OPML)
    answer = run("import", tmp_path / "my.opml")
    (table,) = tomllib.loads(answer.stdout)["feeds"]
    assert table["id"] == "the-courier"
    assert "skipped: Nothing: has no xmlUrl" in answer.stderr


def test_imported_feeds_are_appended_once(feeds: Path, tmp_path: Path) -> None:
    (tmp_path / "my.opml").write_text(OPML)
    for _ in range(2):
        assert run("import", tmp_path / "my.opml", "--append").exit_code == 0
    ids = [table["id"] for table in tomllib.loads(feeds.read_text())["feeds"]]
    assert ids == ["old", "the-courier"]


def test_a_file_that_is_no_opml_is_an_error_that_names_it(feeds: Path) -> None:
    answer = run("import", feeds)
    assert isinstance(answer.exception, ConfigurationError)
    assert str(feeds) in str(answer.exception)


def test_feeds_are_exported_as_opml(feeds: Path) -> None:
    assert 'xmlUrl="https://old.example/"' in run("export").stdout


def test_feeds_of_a_site_are_shown_as_table_json_and_toml(feeds: Path, site: str) -> None:
    assert "The Courier" in run("discover", site).stdout
    (found,) = json.loads(run("discover", site, "--json").stdout)
    assert (found["url"], found["format"]) == (f"{site}/news.atom", "atom")
    (table,) = tomllib.loads(run("discover", site, "--toml").stdout)["feeds"]
    assert (table["id"], table["url"]) == ("the-courier", f"{site}/news.atom")


def test_a_site_that_does_not_answer_is_an_error_in_one_line(
    feeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_FEEDS__PRIVATE_HOSTS", '["127.0.0.1:9"]')
    answer = run("discover", "http://127.0.0.1:9/")
    assert isinstance(answer.exception, PipelineError)
    assert "check the address" in str(answer.exception)
