from pathlib import Path

import pytest

from pipeline.errors import MissingPrerequisite
from pipeline.stack.jdk import find_jdk, inspect, major_version, usual_homes


def make_jdk(home: Path, version: str = "", *, tools: str = "java javac jar jlink") -> Path:
    """A folder that looks like a JDK; its ``java`` says its version as real ones do."""
    (home / "bin").mkdir(parents=True)
    for tool in tools.split():
        program = home / "bin" / tool
        program.write_text("#!/bin/sh\necho 'openjdk version \"23.0.1\" 2024-10-15' >&2\n")
        program.chmod(0o755)
    if version:
        (home / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return home


@pytest.mark.parametrize(
    ("version", "major"),
    [("21", 21), ("21.0.2+13-LTS", 21), ("1.8.0_392", 8), ("25-ea", 25), ("", 0), ("nonsense", 0)],
)
def test_major_version_of_every_form_that_java_has_had(version: str, major: int) -> None:
    assert major_version(version) == major


def test_the_first_one_new_enough_is_taken(tmp_path: Path) -> None:
    homes = [make_jdk(tmp_path / v, v) for v in ("17.0.1", "21.0.2", "25.0.3")]
    assert find_jdk(21, homes).home == tmp_path / "21.0.2"


def test_a_runtime_without_compiler_is_none(tmp_path: Path) -> None:
    runtime = make_jdk(tmp_path / "jre", "25", tools="java")
    assert inspect(runtime) is None


def test_a_runtime_without_jlink_is_none(tmp_path: Path) -> None:
    assert inspect(make_jdk(tmp_path / "cut", "25", tools="java javac jar")) is None


def test_without_a_release_file_java_is_asked(tmp_path: Path) -> None:
    jdk = inspect(make_jdk(tmp_path / "bare"))
    assert jdk is not None
    assert (jdk.version, jdk.major) == ("23.0.1", 23)


def test_java_that_cannot_run_is_passed_over(tmp_path: Path) -> None:
    home = make_jdk(tmp_path / "broken")
    (home / "bin" / "java").write_text("#!/no/such/interpreter\n")
    assert inspect(home) is None


def test_the_lack_names_the_newest_one_and_the_remedy_in_one_line(tmp_path: Path) -> None:
    homes = [make_jdk(tmp_path / v, v) for v in ("11.0.1", "17.0.15")]
    with pytest.raises(MissingPrerequisite) as lack:
        find_jdk(21, homes)
    message = str(lack.value)
    assert "17.0.15" in message
    assert "JAVA_HOME" in message
    assert "\n" not in message


def test_no_jdk_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingPrerequisite, match="no JDK 21 or newer: install one"):
        find_jdk(21, [tmp_path])


def test_java_home_goes_before_path_and_path_before_the_rest(tmp_path: Path) -> None:
    named, on_path = make_jdk(tmp_path / "named"), make_jdk(tmp_path / "on-path")
    environment = {"JAVA_HOME": str(named), "PATH": str(on_path / "bin")}
    assert list(usual_homes(environment))[:2] == [named, on_path]


def test_a_link_on_path_leads_to_its_jdk(tmp_path: Path) -> None:
    home, links = make_jdk(tmp_path / "real"), tmp_path / "links"
    links.mkdir()
    (links / "java").symlink_to(home / "bin" / "java")
    assert next(usual_homes({"PATH": str(links)})) == home
