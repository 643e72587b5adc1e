"""Settings from the environment and from files, and feeds.toml."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline import settings
from pipeline.errors import ConfigurationError
from pipeline.feeds.subscriptions import read_subscriptions
from tests.fuzz.target import Target, joined, seeds, texts

_TOML = (
    b"[feeds]\n", b"[kafka]\n", b"[[feeds]]\n", b"[api]\n", b'= "', b"= [", b"]", b"= {", b"= 1",
    b"= nan", b"= inf", b"= -1", b"= true", b"= 1e999", b"= 2026-03-01", b'"""', b"\\u", b"\\ud800",
    b"a.b.c = ", b"\n",
)  # fmt: skip
_VARIABLES = (
    b"PIPELINE_FEEDS__REVISIT_HOURS", b"PIPELINE_API__KEYS", b"PIPELINE_KAFKA",
    b"PIPELINE_KAFKA__A__B", b"PIPELINE_LOCAL", b"PIPELINE_ELASTICSEARCH__HOSTS",
    b"PIPELINE_DATA_DIR", b"[1,", b"{}", b"nan", b"__", b"PIPELINE_ENRICH__MODELS__DE",
    b"pipeline_feeds__concurrency",
)  # fmt: skip


def environment(data: bytes) -> Hashable:
    """Variables of the environment: settings, or what is wrong with them."""
    given = [texts(each, 2) for each in data.split(b"\n")[:5]]
    with _variables({name: value for name, value in given if _can_be_set(name, value)}):
        return settings.load().feeds.concurrency


def file(data: bytes) -> Hashable:
    """A file of settings."""
    path = _file("settings.toml", data)
    with _variables({settings.CONFIG_VARIABLE: str(path)}):
        return settings.load().feeds.concurrency


def subscriptions(data: bytes) -> Hashable:
    """config/feeds.toml."""
    found = read_subscriptions(_file("feeds.toml", data))
    assert len({each.id for each in found}) == len(found)
    return len(found)


def _can_be_set(name: str, value: str) -> bool:
    try:
        os.fsencode(value), os.fsencode(name)
    except UnicodeError:
        return False
    return bool(name) and not {"\0", "="} & {*name} and "\0" not in value


@contextmanager
def _variables(given: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(given)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _file(name: str, data: bytes) -> Path:
    path = Path(_folder().name) / name
    path.write_bytes(data)
    return path


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


_ENVIRONMENT = b"\n".join((
    joined("PIPELINE_FEEDS__CONCURRENCY", "3"),
    joined("PIPELINE_FEEDS__REVISIT_HOURS", "[2, 24]"),
    joined("PIPELINE_API__KEYS", '[{"name":"a","sha256":"x"}]'),
    joined("PIPELINE_KAFKA__SASL_PASSWORD", "pw"),
))  # fmt: skip

TARGETS = (
    Target(
        "environment", environment, seeds(_ENVIRONMENT), (ConfigurationError,), _VARIABLES, 5_000
    ),
    Target(
        "settings-file",
        file,
        seeds(
            'data_dir = "/tmp/x"\n[feeds]\nconcurrency = 3\nrevisit_hours = [2, 24.5]\n'
            '[kafka]\nsasl_username = "a"\n'
        ),
        (ConfigurationError,),
        _TOML,
        20_000,
    ),
    Target(
        "feeds-file",
        subscriptions,
        seeds(
            '[[feeds]]\nid = "courier"\nurl = "https://courier.example/feed"\n'
            'name = "The Courier"\ncountry = "GB"\nlanguage = "en"\n'
            "poll_interval_seconds = 60\nrevisit_hours = [1]\nenabled = false\n"
        ),
        (ConfigurationError,),
        _TOML,
        20_000,
    ),
)
