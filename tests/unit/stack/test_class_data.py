from pathlib import Path

from pipeline.stack import class_data
from pipeline.stack.distribution import Distribution
from pipeline.stack.jdk import Jdk

JDK = Jdk(Path("/jdk"), "25.0.3")


def option(servers_dir: Path, *, stack: str = "/one", jdk: Jdk = JDK) -> str:
    programs = Distribution(servers_dir / "programs")
    programs.root.mkdir(parents=True, exist_ok=True)
    return class_data.options(programs, jdk, server="kafka", data_dir=Path(stack))[0]


def write_archive(named: str) -> None:
    """What the virtual machine does at its end."""
    Path(named.split("=")[1]).write_text("classes")


def test_the_first_run_writes_and_the_next_reads(tmp_path: Path) -> None:
    first = option(tmp_path)
    assert first.startswith("-XX:ArchiveClassesAtExit=")
    write_archive(first)
    class_data.settle(tmp_path, data_dir=Path("/one"), whole=True)
    assert option(tmp_path).startswith("-XX:SharedArchiveFile=")
    assert option(tmp_path, stack="/other").startswith("-XX:SharedArchiveFile=")


def test_what_a_killed_server_wrote_is_not_used(tmp_path: Path) -> None:
    write_archive(option(tmp_path))
    class_data.settle(tmp_path, data_dir=Path("/one"), whole=False)
    assert option(tmp_path).startswith("-XX:ArchiveClassesAtExit=")
    assert not list(tmp_path.rglob("*.jsa*"))


def test_two_stacks_write_to_different_files(tmp_path: Path) -> None:
    assert option(tmp_path, stack="/one") != option(tmp_path, stack="/other")


def test_another_jdk_has_another_archive(tmp_path: Path) -> None:
    write_archive(option(tmp_path))
    class_data.settle(tmp_path, data_dir=Path("/one"), whole=True)
    other = Jdk(Path("/jdk"), "26")
    assert option(tmp_path, jdk=other).startswith("-XX:ArchiveClassesAtExit=")


def test_servers_that_were_moved_have_another_archive(tmp_path: Path) -> None:
    """The paths of the classes are part of one: Elasticsearch does not start with it elsewhere."""
    write_archive(option(tmp_path / "here"))
    class_data.settle(tmp_path / "here", data_dir=Path("/one"), whole=True)
    (tmp_path / "here").rename(tmp_path / "there")
    assert option(tmp_path / "there").startswith("-XX:ArchiveClassesAtExit=")
