"""Settings: the environment over a file over the defaults, checked, and named in errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import settings
from pipeline.errors import ConfigurationError
from pipeline.settings import CONFIG_VARIABLE


@pytest.fixture(autouse=True)
def _no_config_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, "")


def test_the_defaults_are_whole() -> None:
    chosen = settings.load()
    assert chosen.topics.articles == "news.articles.v1"
    assert chosen.enrich.process_count >= 1


def test_addresses_left_empty_follow_the_local_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LOCAL__KAFKA_PORT", "4001")
    monkeypatch.setenv("PIPELINE_LOCAL__ELASTICSEARCH_PORT", "4002")
    chosen = settings.load()
    assert chosen.kafka.bootstrap_servers == "127.0.0.1:4001"
    assert chosen.elasticsearch.hosts == ("http://127.0.0.1:4002",)


def test_the_environment_wins_over_the_file_over_the_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[kafka]\nbootstrap_servers = "a:1"\ngroup_prefix = "mine"\n')
    monkeypatch.setenv("PIPELINE_KAFKA__BOOTSTRAP_SERVERS", "b:2")
    chosen = settings.load(file)
    assert chosen.kafka.bootstrap_servers == "b:2"
    assert chosen.kafka.group_prefix == "mine"
    assert chosen.kafka.security_protocol == "PLAINTEXT"


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("PIPELINE_LOCAL__KAFKA_PORT", "70000", "local.kafka_port"),
        ("PIPELINE_LOCAL__KAFKA_HEAP", "much", "local.kafka_heap"),
        ("PIPELINE_ENRICH__BATCH_SIZE", "0", "enrich.batch_size"),
        ("PIPELINE_FEEDS__REVISIT_HOURS", "2, 24", "feeds.*as JSON"),
        ("PIPELINE_FEEDS__REVISIT_HOURS", "[2, 0]", "feeds.revisit_hours"),
        ("PIPELINE_FEEDS__REVISIT_HOURS", "[NaN]", "feeds.revisit_hours"),
        ("PIPELINE_FEEDS__REVISIT_HOURS", "[1e300]", "feeds.revisit_hours"),
        ("PIPELINE_KAFKA__SECURITY_PROTOCOL", "TELNET", "kafka.security_protocol"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_field(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, field: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=field) as error:
        settings.load()
    assert "\n" not in str(error.value)


def test_an_unknown_setting_in_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[kafka]\nbootstrap = 1\n")
    with pytest.raises(ConfigurationError, match=r"kafka\.bootstrap: there is none"):
        settings.load(file)


def test_an_unknown_section_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_WORKSPACE", "another program's")
    settings.load()
    monkeypatch.setenv("PIPELINE_KAFAK__GROUP_PREFIX", "x")
    with pytest.raises(ConfigurationError, match="PIPELINE_KAFAK__GROUP_PREFIX names no setting"):
        settings.load()


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        settings.load(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[kafka")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        settings.load(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        settings.load(broken)


def test_passwords_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_KAFKA__SASL_PASSWORD", "hunter2")
    assert "hunter2" not in repr(settings.load())
