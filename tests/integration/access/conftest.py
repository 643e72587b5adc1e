"""Secured servers for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.settings import Settings
from tests.integration.access.secure_elasticsearch import (
    SecureElasticsearch,
    secure_elasticsearch,
)
from tests.integration.kafka.secure_server import SecureKafka, secure_kafka
from tests.stacks import line_settings, stack_settings


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    with secure_kafka(stack_settings(tmp_path_factory.mktemp("secured"))) as running:
        yield running


@pytest.fixture
def own_line(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Topics and groups of one test; its servers do not run."""
    return line_settings(stack_settings(tmp_path_factory.mktemp("line")))


@pytest.fixture(scope="module")
def secured_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureElasticsearch]:
    with secure_elasticsearch(stack_settings(tmp_path_factory.mktemp("secured"))) as running:
        yield running
