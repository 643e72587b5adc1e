"""Floors, and the labelled material, which is not part of the project."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MATERIAL = HERE.parents[2] / "shared" / "eval"


@pytest.fixture(scope="session")
def floors() -> dict[str, Any]:
    return tomllib.loads((HERE / "floors.toml").read_text())


@pytest.fixture(scope="session")
def material() -> Path:
    if not MATERIAL.is_dir():
        pytest.skip("the labelled material (../shared/eval) is not beside this checkout")
    return MATERIAL


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.quality)
