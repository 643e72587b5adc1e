"""The servers of the tests are real, and lines on them do not meet."""

from __future__ import annotations

from elasticsearch import Elasticsearch
from kafka.admin import KafkaAdminClient

from pipeline.settings import Settings
from pipeline.stack import control
from tests.stacks import line_settings


def test_both_servers_run(servers: Settings) -> None:
    assert [server.state for server in control.status(servers)] == ["running", "running"]


def test_clients_recognise_both_servers(line: Settings) -> None:
    with Elasticsearch(line.elasticsearch.hosts) as client:
        assert client.info()["version"]["number"] == control.status(line)[1].version
    admin = KafkaAdminClient(bootstrap_servers=line.kafka.bootstrap_servers)
    assert len(admin.describe_cluster()["brokers"]) == 1
    admin.close()


def test_lines_share_no_name(servers: Settings) -> None:
    one, other = line_settings(servers), line_settings(servers)
    assert not set(one.topics.model_dump().values()) & {
        value for value in other.topics.model_dump().values() if isinstance(value, str)
    }
    assert one.index.articles != other.index.articles
    assert one.kafka.group_prefix != other.kafka.group_prefix
