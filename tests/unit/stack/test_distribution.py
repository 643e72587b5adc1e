import hashlib
from pathlib import Path

import pytest

from pipeline.errors import MissingPrerequisite
from pipeline.stack import distribution
from pipeline.stack.distribution import check_hashes, first_error


@pytest.fixture
def jars(tmp_path: Path) -> Path:
    for name in ("kafka/a.jar", "elasticsearch/b.jar"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def pins(*names: str) -> str:
    return "".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in names)


def test_exactly_the_pinned_jars_are_accepted(jars: Path) -> None:
    check_hashes(jars, pins("kafka/a.jar", "elasticsearch/b.jar"))


def test_a_changed_jar_is_named(jars: Path) -> None:
    (jars / "kafka/a.jar").write_bytes(b"other")
    with pytest.raises(MissingPrerequisite, match=r"the first kafka/a\.jar"):
        check_hashes(jars, pins("kafka/a.jar", "elasticsearch/b.jar"))


def test_a_missing_jar_is_named(jars: Path) -> None:
    with pytest.raises(MissingPrerequisite, match=r"kafka/c\.jar"):
        check_hashes(jars, pins("kafka/a.jar", "elasticsearch/b.jar", "kafka/c.jar"))


def test_a_jar_nobody_pinned_is_named(jars: Path) -> None:
    with pytest.raises(MissingPrerequisite, match=r"elasticsearch/b\.jar"):
        check_hashes(jars, pins("kafka/a.jar"))


def test_versions_are_those_of_the_pinned_jars() -> None:
    pinned = (distribution.sources() / "jars.sha256").read_text()
    assert f"kafka/kafka_2.13-{distribution.version('kafka')}.jar" in pinned
    version = distribution.version("elasticsearch")
    assert f"elasticsearch/elasticsearch-{version}.jar" in pinned
    assert f"transport-netty4/transport-netty4-{version}.jar" in pinned


def test_first_error_is_one_plain_line() -> None:
    log = "[INFO] fine\n[\x1b[1;31mERROR\x1b[m] Could not resolve x\n[ERROR] -> [Help 1]\n"
    assert first_error(log) == "Could not resolve x"
    assert first_error("") == "no error was logged"


def test_an_empty_folder_holds_no_programs(tmp_path: Path) -> None:
    assert not distribution.present(tmp_path)
    (tmp_path / distribution.key()).mkdir()
    assert distribution.present(tmp_path)
