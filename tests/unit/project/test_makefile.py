import re
import subprocess

from pipeline import resources

MAKEFILE = (resources.root() / "Makefile").read_text()


def make(*arguments: str) -> str:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(
        command, cwd=resources.root(), capture_output=True, text=True, check=True
    ).stdout


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", MAKEFILE, flags=re.MULTILINE))


def test_help_is_the_default_and_lists_every_target() -> None:
    listed = set(re.findall(r"^  make ([\w-]+)", make(), flags=re.MULTILINE))
    assert listed == targets()


def test_every_target_is_phony() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert declared is not None
    assert set(declared.group(1).split()) == targets()


def test_once_reaches_the_command_line() -> None:
    assert make("-n", "run", "ONCE=1").strip().endswith("pipeline run --once")
    assert make("-n", "run").strip().endswith("pipeline run")


def test_what_is_missing_is_said_before_anything_is_built() -> None:
    for target in ("run", "test"):
        steps = make("-n", target).splitlines()
        assert "preflight" in steps[0]
        assert "build" in steps[1]
