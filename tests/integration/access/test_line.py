"""The whole line on secured servers, each process with the rights of the lists and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from pipeline import resources
from pipeline.index.rights import Reach, role
from pipeline.kafka.rights import Process
from pipeline.runner.sample_site import sample_site
from pipeline.settings import Settings
from tests.fakes.destinations import Receiver
from tests.integration.access.privileged import PrivilegedLine
from tests.integration.access.secure_elasticsearch import SecureElasticsearch
from tests.integration.kafka.secure_server import SecureKafka
from tests.running import pipeline, pipeline_json, running
from tests.stacks import updated
from tests.waiting import eventually

STATIONS = (Process.ENRICH, Process.INDEX, Process.ALERT)
MINISTER = ("--speaker", "Ilse Varga")
TEXT = "The mayor of Verim, Ana Sol, said on Monday that the bridge would be closed. " * 5


REACHES = {
    Process.SETUP: Reach.SETUP,
    Process.FEEDS: Reach.HEALTH,
    Process.ENRICH: Reach.HEALTH,
    Process.INDEX: Reach.INDEX,
    Process.ALERT: Reach.ALERT,
    Process.WEB: Reach.READER,
    Process.CHECK: Reach.CHECK,
    Process.REPAIR: Reach.REPAIR,
}
"""The roles of those that go to Elasticsearch at all."""


class Users:
    """The settings of each process, with a Kafka user and an API key of its own."""

    def __init__(self, kafka: PrivilegedLine, elasticsearch: SecureElasticsearch) -> None:
        self._kafka = kafka
        self._elasticsearch = elasticsearch
        self._made: dict[Process, Settings] = {}

    def settings(self, process: Process) -> Settings:
        if process not in self._made:
            line = self._kafka.settings(process)
            reach = REACHES.get(process)
            allowed = {} if reach is None else role(reach, line.index)
            self._made[process] = self._elasticsearch.settings(line, allowed)
        return self._made[process]


@pytest.fixture
def users(
    secured: SecureKafka,
    secured_index: SecureElasticsearch,
    own_line: Settings,
    receiver: Receiver,
) -> Users:
    webhooks = {"private_hosts": (URL(receiver.url).authority,)}
    alone = {"alerts": webhooks, "health": {"interval_seconds": 1.0}}
    return Users(PrivilegedLine(secured, updated(own_line, alone)), secured_index)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def done(users: Users, process: Process, *words: str) -> str:
    """What a command says that must succeed."""
    ended = pipeline(users.settings(process), *words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def got(line: Settings, path: str) -> Any:
    """The JSON at a path of the HTTP API."""
    host, _, port = line.api.listen.rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == 200 else None
    except OSError:
        return None
    finally:
        connection.close()


@pytest.mark.timeout(600)
def test_the_line_works_from_feed_to_alert_with_a_user_for_each_process(
    users: Users, receiver: Receiver, tmp_path: Path
) -> None:
    archive = tmp_path / "archive.jsonl"
    archive.write_text(json.dumps({"text": TEXT, "title": "A bridge", "id": "bridge"}) + "\n")
    done(users, Process.SETUP, "setup")
    done(users, Process.SEARCHES, "alerts", "add", "Minister", *MINISTER, "--webhook", receiver.url)
    line = users.settings(Process.WEB)
    with ExitStack() as held:
        held.enter_context(sample_site(resources.sample_folder(), line.sample.port))
        for station in STATIONS:
            held.enter_context(running(users.settings(station), "work", station))
        held.enter_context(running(line, "serve"))
        done(users, Process.FEEDS, "feeds", "--once", "--sample")
        done(users, Process.INGEST, "ingest", str(archive))
        said = lambda: pipeline_json(line, "statements", *MINISTER)  # noqa: E731
        assert eventually(said, 120)
        assert eventually(lambda: receiver.requests)
        assert eventually(lambda: pipeline_json(line, "search", "bridge closed week"))
        assert got(line, "/api/v1/health/feeds")
        stations = got(line, "/api/v1/health/line")
        assert stations
        assert done(users, Process.STATUS, "alerts", "log")
        done(users, Process.STATUS, "feeds", "status")
        done(users, Process.LETTERS, "dead-letters", "list")
        assert eventually(lambda: pipeline(users.settings(Process.CHECK), "check").returncode == 0)
        done(users, Process.REPAIR, "check", "--repair")
