"""Log lines on stderr: as text for people, or one JSON object a line for programs.

Whatever a message quotes, a line stays a line: control characters are escaped, so that no feed can
write a second line, or to a terminal. Fields of a record are given as ``extra=fields(...)``.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.settings import LogSettings
from pipeline.telemetry.thinning import Thinner, ThinningFilter

ARTICLES = "pipeline.articles"
"""The logger of the one line for each article."""

Fields = Mapping[str, str | int | float | None]

_FIELDS = "pipeline_fields"
_LONGEST = 200
_TRACEBACK = 8_000
_QUIET = (
    "kafka",
    "aiokafka",
    "faust",
    "mode",
    "elastic_transport",
    "urllib3",
    "trafilatura",
    "opentelemetry",
)
# Control characters, the line ends of Unicode, marks that turn the direction of text, and lone
# surrogates, which no encoding can write.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BARE = re.compile(r"[^\s\"=]+")


def fields(values: Fields) -> dict[str, Fields]:
    """For ``extra`` of a call to a logger. What is None stays out; strings are cut at 200."""
    kept = {
        name: value[:_LONGEST] if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None
    }
    return {_FIELDS: kept}


def escaped(text: str) -> str:
    """``text`` with all that could begin a line or steer a terminal written as Python escapes."""
    return _UNPRINTABLE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


class TextFormatter(logging.Formatter):
    """Time in UTC, level, logger, message, fields as name=value; a traceback is indented."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and those of the traceback."""
        head = f"{_time(record)} {record.levelname} {record.name}: {escaped(record.getMessage())}"
        line = " ".join([head, *(f"{name}={_shown(value)}" for name, value in _own(record))])
        return "\n    ".join([line, *map(escaped, _traceback(record).splitlines())])


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, the record's fields, and error where there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, ASCII."""
        known: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        error = {"error": traceback} if (traceback := _traceback(record)) else {}
        return json.dumps(dict(_own(record)) | known | error, allow_nan=False, default=str)


def _own(record: logging.LogRecord) -> list[tuple[str, Any]]:
    return list(getattr(record, _FIELDS, {}).items())


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _traceback(record: logging.LogRecord) -> str:
    """Its end: who collects lines cuts long ones, and the error stands last."""
    exception = record.exc_info
    return logging.Formatter().formatException(exception)[-_TRACEBACK:] if exception else ""


def _shown(value: object) -> str:
    text = escaped(str(value))
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _writer(handler: logging.Handler) -> Callable[[logging.LogRecord], None]:
    """Writes to ``handler`` past its filters."""

    def write(record: logging.LogRecord) -> None:
        handler.acquire()
        try:
            handler.emit(record)
        finally:
            handler.release()

    return write


def log_to_stderr(settings: LogSettings, level: int = logging.INFO) -> None:
    """Say from now on what ``settings`` ask for, from ``level`` on; libraries speak only when
    something is wrong. What comes again and again for the same cause is counted instead."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if settings.format == "json" else TextFormatter())
    handler.addFilter(ThinningFilter(Thinner(whole=frozenset({ARTICLES})), _writer(handler)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in _QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    articles = settings.articles and level <= logging.INFO
    logging.getLogger(ARTICLES).setLevel(logging.INFO if articles else logging.WARNING)
