import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import resources
from pipeline.stack.jdk import find_jdk
from pipeline.stack.preflight import Facts, lacks

GIB = 2**30
FINE = Facts(
    jdk_lack=None,
    has_maven=True,
    can_install_maven=False,
    programs_present=True,
    taken_ports=(),
    unwritable=None,
    free_bytes=50 * GIB,
    free_where=Path("/data"),
    installed=True,
)


def test_a_machine_with_everything_lacks_nothing() -> None:
    assert lacks(FINE, local=True) == ()


def test_every_lack_is_one_line_and_all_are_listed() -> None:
    bare = Facts(
        jdk_lack="no JDK 21 or newer: install one",
        has_maven=False,
        can_install_maven=False,
        programs_present=False,
        taken_ports=(("kafka", 1), ("sample feed", 2)),
        unwritable=Path("/data"),
        free_bytes=GIB,
        free_where=Path("/data"),
        installed=False,
    )
    found = lacks(bare, local=True)
    assert len(found) == 6
    assert not any("\n" in lack for lack in found)


def test_a_taken_port_is_named_with_its_use() -> None:
    (lack,) = lacks(replace(FINE, taken_ports=(("kafka", 19092),)), local=True)
    assert lack.startswith("port 19092 (kafka) is taken")


def test_maven_is_asked_for_only_where_it_is_needed_and_cannot_be_installed() -> None:
    without = replace(FINE, has_maven=False, programs_present=False, can_install_maven=False)
    assert any("Maven" in lack for lack in lacks(without, local=True))
    assert lacks(replace(without, has_maven=True), local=True) == ()
    assert lacks(replace(without, programs_present=True), local=True) == ()
    assert lacks(replace(without, can_install_maven=True), local=True) == ()


def test_a_line_on_a_cluster_needs_neither_jdk_nor_maven() -> None:
    facts = replace(FINE, jdk_lack="no JDK", has_maven=False, programs_present=False)
    assert lacks(facts, local=False) == ()


@pytest.mark.parametrize(
    ("gib", "cold", "enough"),
    [(0.5, False, False), (1.5, False, True), (1.5, True, False), (3.5, True, True)],
)
def test_a_first_run_needs_more_room_than_the_next(gib: float, cold: bool, enough: bool) -> None:
    facts = replace(FINE, free_bytes=int(gib * GIB), installed=not cold)
    assert (lacks(facts, local=True) == ()) is enough


def preflight(
    folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run it as `make` does, by a Python that sees no installed package."""
    command = [sys.executable, "-S", "-m", "pipeline.stack.preflight", *arguments]
    inherited = {"PATH": os.environ["PATH"], "JAVA_HOME": str(find_jdk().home)}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=resources.root(),
        env={**inherited, "PIPELINE_DATA_DIR": str(folder), **environment},
        check=False,
    )


def test_it_needs_the_standard_library_alone(tmp_path: Path) -> None:
    answer = preflight(tmp_path / "data", "--own-ports")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    answer = preflight(tmp_path, PIPELINE_LOCAL__KAFKA_PORT="none")
    assert answer.returncode == 2
    assert answer.stderr == "error: setting local.kafka_port: 'none' is not a port\n"


def test_a_port_held_by_another_program_is_exit_code_3(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        answer = preflight(tmp_path, PIPELINE_SAMPLE__PORT=port)
    assert answer.returncode == 3
    assert f"error: port {port} (sample feed) is taken" in answer.stderr


def make_program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")
def test_as_root_maven_is_installed_with_apt_get_and_that_is_said(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    for name in ("sh", "touch", "chmod"):
        programs.mkdir(exist_ok=True)
        (programs / name).symlink_to(f"/bin/{name}")
    install = f"touch {programs}/mvn; chmod +x {programs}/mvn"
    calls = tmp_path / "calls"
    make_program(programs, "apt-get", f'echo "$1" >>{calls}; [ "$1" = update ] || {{ {install}; }}')
    answer = preflight(tmp_path / "data", "--own-ports", PATH=str(programs))
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == "Maven is missing: installing it with apt-get\n"
    assert calls.read_text().split() == ["update", "install"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")
def test_an_installation_that_fails_is_one_line(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    make_program(programs, "apt-get", "echo E: no network >&2; exit 100")
    (programs / "sh").symlink_to("/bin/sh")
    answer = preflight(tmp_path / "data", "--own-ports", PATH=str(programs))
    assert answer.returncode == 3
    assert "apt-get could not install Maven: E: no network" in answer.stderr
