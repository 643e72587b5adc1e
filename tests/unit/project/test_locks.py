"""The lock files are in step with what was asked for, and with each other."""

import re

import pytest

from pipeline import resources

REQUIREMENTS = resources.root() / "requirements"


def canonical(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(kind: str) -> set[str]:
    lines = (REQUIREMENTS / f"{kind}.in").read_text().splitlines()
    names = (re.match(r"[\w.-]+", line) for line in lines if not line.startswith(("-", "#")))
    return {canonical(name.group()) for name in names if name}


def pinned(kind: str) -> dict[str, set[str]]:
    """The pins by name: more than one where they differ between Pythons or systems."""
    text = (REQUIREMENTS / f"{kind}.txt").read_text()
    pins: dict[str, set[str]] = {}
    for name, rest in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\\]+)", text, flags=re.MULTILINE):
        pins.setdefault(canonical(name), set()).add(rest.strip())
    return pins


@pytest.mark.parametrize("kind", ["runtime", "dev", "model"])
def test_everything_asked_for_is_locked(kind: str) -> None:
    assert asked(kind)
    assert asked(kind) <= pinned(kind).keys()


@pytest.mark.parametrize("kind", ["runtime", "dev", "model"])
def test_every_pin_has_its_hashes(kind: str) -> None:
    text = (REQUIREMENTS / f"{kind}.txt").read_text()
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_tests_run_with_the_very_packages_of_the_product() -> None:
    runtime, dev = pinned("runtime"), pinned("dev")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_tests_lock_has_what_both_ask_for() -> None:
    assert asked("runtime") | asked("dev") <= pinned("dev").keys()
