"""Articles annotated by hand come out as annotated."""

from pathlib import Path

import pytest

from pipeline import resources
from tests.unit.enrich.golden import differences, load_case

CASES = sorted(
    path.parent for path in (resources.root() / "tests" / "golden").glob("*/article.txt")
)
SEED = resources.root().parent / "shared" / "seed"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_required_items_of_a_golden_case_come_out_exactly(folder: Path, annotate):
    text, expected = load_case(folder)
    wrong = differences(annotate(text), expected)
    assert not wrong, "\n".join(["", *wrong])


def test_required_items_of_the_seed_article_come_out_exactly(annotate):
    if not (SEED / "article.txt").is_file():
        pytest.skip(f"the seed article is not in {SEED}")
    text, expected = load_case(SEED)
    wrong = differences(annotate(text), expected)
    assert not wrong, "\n".join(["", *wrong])
