"""Log lines: one a record, whatever it quotes."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.telemetry.logs import JsonFormatter, TextFormatter, fields

FORGED = "feed x: gone\n2026-01-01 INFO pipeline: all is well \x1b[2J\u2028\u202e"


def a_record(message: str, error: bool = False, **values: Any) -> logging.LogRecord:
    exception = None
    if error:
        try:
            raise ValueError(FORGED)
        except ValueError:
            exception = sys.exc_info()
    return logging.getLogger("pipeline.test").makeRecord(
        "pipeline.test", logging.INFO, __file__, 1, "%s", (message,), exception,
        extra=fields(values),
    )  # fmt: skip


def test_a_line_of_text_has_time_level_logger_message_and_fields() -> None:
    record = a_record("article indexed", id="ab", seconds=1.5, source="The Courier", feed=None)
    record.created = 1_772_366_400.25
    assert TextFormatter().format(record) == (
        "2026-03-01T12:00:00.250+00:00 INFO pipeline.test: article indexed "
        'id=ab seconds=1.5 source="The Courier"'
    )


def test_a_json_line_has_the_same_as_an_object() -> None:
    record = a_record("article indexed", id="ab", seconds=1.5)
    record.created = 1_772_366_400.25
    assert json.loads(JsonFormatter().format(record)) == {
        "id": "ab",
        "seconds": 1.5,
        "time": "2026-03-01T12:00:00.250+00:00",
        "level": "INFO",
        "logger": "pipeline.test",
        "message": "article indexed",
    }


def test_a_field_cannot_take_the_place_of_what_every_line_has() -> None:
    told = json.loads(JsonFormatter().format(a_record("as it is", level="forged")))
    assert told["level"] == "INFO"


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
@given(message=st.text(), value=st.text())
def test_whatever_is_quoted_a_line_is_one_line_that_any_terminal_can_show(
    formatter: logging.Formatter, message: str, value: str
) -> None:
    line = formatter.format(a_record(message + FORGED, name=value))
    assert len(line.splitlines()) == 1
    assert not any(char < " " or "\x7f" <= char < "\xa0" for char in line)
    assert "\u202e" not in line
    line.encode("utf-8")


def test_a_traceback_is_indented_and_quotes_no_line_as_its_own() -> None:
    first, *others = TextFormatter().format(a_record("broken", error=True)).split("\n")
    assert first.endswith("broken")
    assert others
    assert all(line.startswith("    ") for line in others)
    assert "\x1b" not in "".join(others)


def test_a_traceback_is_a_field_of_a_json_line() -> None:
    told = json.loads(JsonFormatter().format(a_record("broken", error=True)))
    assert "ValueError" in told["error"]


def test_a_field_is_cut_where_it_is_long() -> None:
    told = json.loads(JsonFormatter().format(a_record("x", source="y" * 5_000)))
    assert told["source"] == "y" * 200


SCRIPT = """
import logging
from pipeline.settings import LogSettings
from pipeline.telemetry.logs import log_to_stderr, fields
log_to_stderr(LogSettings(format="json", articles={articles}))
logging.getLogger("pipeline.articles").info("article %s", "indexed", extra=fields({{"id": "ab"}}))
logging.getLogger("kafka").info("chatter")
logging.getLogger("pipeline.index").warning("a warning")
"""


@pytest.mark.parametrize(
    ("articles", "messages"),
    [(True, ["article indexed", "a warning"]), (False, ["a warning"])],
)
def test_a_process_logs_what_its_settings_ask_for(articles: bool, messages: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(articles=articles)], check=True, capture_output=True
    )
    assert [json.loads(line)["message"] for line in told.stderr.splitlines()] == messages
