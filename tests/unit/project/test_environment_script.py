"""deploy/environment.sh chooses a Python: tried with programs that only look like one."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import resources

TOOLS = ("sh", "dirname", "mktemp", "rm", "cat")
GOOD, OTHER, NO_VENV = "echo good", "echo other", "echo no-venv"
SHIM = "echo 'pyenv: command not found' >&2; exit 127"


class Machine:
    """A PATH of our own making."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin"
        self.path.mkdir()
        self.pyenv = folder / "pyenv"
        for tool in TOOLS:
            (self.path / tool).symlink_to(next(filter(Path.exists, self._places(tool))))

    @staticmethod
    def _places(tool: str) -> list[Path]:
        return [Path(folder) / tool for folder in ("/bin", "/usr/bin")]

    def add(self, name: str, answer: str, folder: Path | None = None) -> str:
        """A program that answers the question for its version as ``answer`` says."""
        folder = folder or self.path
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / name
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o755)
        return str(program)

    def python(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "deploy/environment.sh", "python"],
            cwd=resources.root(),
            env={"PATH": str(self.path), "PYENV_ROOT": str(self.pyenv), **environment},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_newest_that_fits_is_taken(machine: Machine) -> None:
    machine.add("python3", GOOD)
    machine.add("python3.11", GOOD)
    newest = machine.add("python3.12", GOOD)
    assert machine.python().stdout.strip() == newest


def test_plain_python3_serves_when_it_is_the_only_one(machine: Machine) -> None:
    only = machine.add("python3", GOOD)
    assert machine.python().stdout.strip() == only


def test_a_shim_that_fails_to_run_is_passed_over(machine: Machine) -> None:
    machine.add("python3.13", SHIM)
    other = machine.add("python3.11", GOOD)
    assert machine.python().stdout.strip() == other


def test_a_python_of_another_version_is_passed_over(machine: Machine) -> None:
    machine.add("python3", OTHER)
    installed = machine.add("python", GOOD, machine.pyenv / "versions/3.12.1/bin")
    assert machine.python().stdout.strip() == installed


def test_python_can_be_named(machine: Machine) -> None:
    machine.add("python3.13", GOOD)
    named = machine.add("mine", GOOD)
    assert machine.python(PYTHON="mine").stdout.strip() == named


def test_a_named_python_that_does_not_fit_is_said_not_replaced(machine: Machine) -> None:
    machine.add("python3.13", GOOD)
    machine.add("old", OTHER)
    answer = machine.python(PYTHON="old")
    assert answer.returncode == 3
    assert answer.stderr == "error: PYTHON=old is no Python 3.11, 3.12 or 3.13 that runs\n"


def test_a_python_without_venv_gives_the_name_of_the_package(machine: Machine) -> None:
    machine.add("python3.11", NO_VENV)
    answer = machine.python()
    assert answer.returncode == 3
    assert "apt-get install python3-venv" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_python_with_venv_goes_before_a_newer_one_without(machine: Machine) -> None:
    machine.add("python3.13", NO_VENV)
    other = machine.add("python3.11", GOOD)
    assert machine.python().stdout.strip() == other


def test_no_python_at_all_is_one_line_with_the_remedy(machine: Machine) -> None:
    answer = machine.python()
    assert answer.returncode == 3
    assert answer.stderr.startswith("error: no Python 3.11, 3.12 or 3.13 found: install one")
    assert answer.stderr.count("\n") == 1


def test_a_real_python_is_asked_for_its_version(machine: Machine) -> None:
    answer = machine.python(PYTHON=sys.executable)
    assert (answer.returncode, answer.stdout.strip()) == (0, sys.executable)


@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_a_wrong_call_gets_the_usage(arguments: list[str]) -> None:
    script = resources.root() / "deploy/environment.sh"
    answer = subprocess.run([script, *arguments], capture_output=True, text=True, check=False)
    assert answer.returncode == 3
    assert "usage:" in answer.stderr
