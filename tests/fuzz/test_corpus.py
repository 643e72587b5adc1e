"""What once failed does not fail again, and what is begun with does not fail at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.fuzz import corpus
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS
from tests.fuzz.trial import Watch, tried


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with Watch() as watch:
        yield watch


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Readers warn of what they pass over."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@pytest.mark.filterwarnings("ignore")
def test_no_law_is_broken_by_what_is_kept(target: Target, watch: Watch) -> None:
    inputs = [*target.seeds(), *corpus.kept(target.name)]
    for data in target.seeds():
        tried(target, data, watch)  # loads what is loaded at the first use
    faults = {data: tried(target, data, watch).fault for data in inputs}
    assert {data: fault for data, fault in faults.items() if fault} == {}


def test_each_target_has_a_name_of_its_own_and_all_that_is_kept_has_a_target() -> None:
    names = [target.name for target in TARGETS]
    assert len(set(names)) == len(names)
    folders = (
        {folder.name for folder in corpus.FOLDER.iterdir()} if corpus.FOLDER.is_dir() else set()
    )
    assert folders <= set(names)
