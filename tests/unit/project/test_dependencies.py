"""Every dependency has its reason written down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REASONS = (ROOT / "docs" / "dependencies.md").read_text("utf-8")


def named(file: str) -> list[str]:
    """The packages that a requirements file asks for."""
    lines = (ROOT / "requirements" / file).read_text("utf-8").splitlines()
    return [re.split(r"[=<>\[;~ ]", line)[0] for line in lines if line and line[0] not in "#-"]


@pytest.mark.parametrize("package", [*named("runtime.in"), *named("model.in")])
def test_the_reason_for_a_package_is_written_down(package: str) -> None:
    assert re.search(rf"^\|.*\b{re.escape(package)}\b.*\|", REASONS, flags=re.MULTILINE)
