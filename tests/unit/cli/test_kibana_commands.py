"""The dashboards by one command, into Kibana or into a file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import kibana, settings
from pipeline.cli.app import app
from pipeline.errors import ConfigurationError
from tests.fakes.kibana import FakeKibana, serving


@pytest.fixture
def server() -> Iterator[FakeKibana]:
    """A Kibana in a thread: the command has an event loop of its own."""
    fake, started, stop = FakeKibana(), threading.Event(), threading.Event()

    async def serve() -> None:
        async with serving(fake):
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait()
    yield fake
    stop.set()
    thread.join()


def test_import_posts_the_objects_of_the_settings(server: FakeKibana) -> None:
    arguments = ["kibana", "import", "--url", server.url, "--space", "news", "--api-key", "k"]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "3 objects imported" in result.output
    assert server.file == kibana.ndjson(settings.load().index)
    assert server.path.startswith("/s/news/")
    assert server.headers["Authorization"] == "ApiKey k"


def test_a_name_on_the_command_line_wins_over_a_key_in_the_settings(
    server: FakeKibana, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_KIBANA__API_KEY", "k")
    arguments = ["kibana", "import", "--url", server.url, "--username", "u", "--password", "p"]
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    assert server.headers["Authorization"].startswith("Basic ")


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(ConfigurationError, match="--url"):
        CliRunner().invoke(app, ["kibana", "import", "--url", "kibana"], catch_exceptions=False)


def test_export_writes_a_file_or_to_stdout(tmp_path: Path) -> None:
    expected = kibana.ndjson(settings.load().index)
    file = tmp_path / "dashboards.ndjson"
    assert CliRunner().invoke(app, ["kibana", "export", str(file)]).exit_code == 0
    assert file.read_bytes() == expected
    assert CliRunner().invoke(app, ["kibana", "export"]).stdout_bytes == expected


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "no folder" / "x.ndjson"
    with pytest.raises(ConfigurationError, match="cannot be written"):
        CliRunner().invoke(app, ["kibana", "export", str(file)], catch_exceptions=False)
