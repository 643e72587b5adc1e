"""What holds for all tests: their settings are the defaults, and a folder's name is their mark."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from pipeline.settings import Settings
from pipeline.stack import control
from tests.stacks import line_settings, stack_settings

# Machines are shared: how long one example takes says nothing there. Time bounds have tests of
# their own.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")

_MARKED_FOLDERS = ("integration", "e2e", "quality", "browser")


def pytest_configure() -> None:
    """Nobody's own settings reach the tests, nor the processes that tests start."""
    for name in [name for name in os.environ if name.startswith("PIPELINE_")]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parts = item.path.relative_to(Path(__file__).parent).parts
        for folder in set(parts) & set(_MARKED_FOLDERS):
            item.add_marker(folder)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes that are long, or hold the time they were packed at, are no name for a test: it must be
    the same in each process that collects."""
    if isinstance(val, bytes) and (len(val) > 60 or val.startswith(b"\x1f\x8b")):
        return f"{len(val)}-bytes"
    return None


def forgive_sockets_to(kafka_port: int, config: pytest.Config) -> None:
    """kafka-python 3.0 does not close a socket that was still connecting when its client closed;
    Python does, and warns. All other sockets must be closed by those who opened them."""
    # A dot for the colon, which would end the pattern.
    left = rf"Exception ignored in. <socket.socket .*raddr=\('127\.0\.0\.1', {kafka_port}\)"
    category = pytest.PytestUnraisableExceptionWarning
    config.addinivalue_line("filterwarnings", f"ignore:{left}:pytest.{category.__name__}")
    warnings.filterwarnings("ignore", left, category)  # in the test that has begun


@pytest.fixture(scope="session")
def servers(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Settings]:
    """Real Kafka and Elasticsearch, one of each for the whole session, stopped at its end."""
    chosen = stack_settings(tmp_path_factory.mktemp("servers"))
    forgive_sockets_to(chosen.local.kafka_port, pytestconfig)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        control.up(chosen, print)
        yield chosen
    finally:
        control.down(chosen, print)
        signal.signal(signal.SIGTERM, before)


@pytest.fixture
def line(servers: Settings) -> Settings:
    """The servers, with topics, groups and indices that no other test uses."""
    return line_settings(servers)
