"""What is tracked serves every machine and every mirror."""

import re
import subprocess
from pathlib import Path

import pytest

from pipeline import resources

# Spelt in parts, so that this file is none of those it looks for.
REGISTRIES = (
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "repo1?" + r"\.maven",
    "repo" + r"\.maven\.apache\.org",
    "registry-1" + r"\.docker",
    "docker" + r"\.elastic\.co",
    "registry" + r"\.npmjs",
)
HOME = re.compile("/" + r"(root|home|Users)/\w")


@pytest.fixture(scope="module")
def tracked() -> dict[Path, str]:
    """Text by path, of what git tracks; outside a checkout there is nothing to say."""
    command = ["git", "ls-files", "-z"]
    answer = subprocess.run(command, cwd=resources.root(), capture_output=True, check=False)
    if answer.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [resources.root() / name for name in answer.stdout.decode().split("\0") if name]
    return {path: path.read_text(errors="replace") for path in paths if path.is_file()}


def test_no_registry_is_written_down(tracked: dict[Path, str]) -> None:
    host = re.compile("|".join(REGISTRIES))
    assert [str(path) for path, text in tracked.items() if host.search(text)] == []


def test_nobodys_home_is_written_down(tracked: dict[Path, str]) -> None:
    assert [str(path) for path, text in tracked.items() if HOME.search(text)] == []


def test_shell_scripts_can_be_run(tracked: dict[Path, str]) -> None:
    scripts = [path for path, text in tracked.items() if text.startswith("#!")]
    assert scripts
    assert [str(path) for path in scripts if not path.stat().st_mode & 0o100] == []
