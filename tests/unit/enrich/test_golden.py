"""Articles annotated by hand come out as annotated."""

import json
from pathlib import Path

import pytest

from pipeline import resources
from tests.unit.enrich.golden import differences, load_case

CASES = sorted(
    path.parent for path in (resources.root() / "tests" / "golden").glob("*/article.txt")
)
SEED = resources.root().parent / "shared" / "seed"


KNOWN = resources.root() / "tests" / "golden" / "known_differences.json"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_golden_case_comes_out_as_annotated_but_for_what_is_known(folder: Path, annotate):
    text, expected = load_case(folder)
    wrong = differences(annotate(text, expected.get("language", "en")), expected)
    known = json.loads(KNOWN.read_text("utf-8")).get(folder.name, [])
    new = [line for line in wrong if line not in known]
    assert not new, "\n".join(["", *new])
    gone = [line for line in known if line not in wrong]
    assert not gone, "\n".join(["come out right by now; strike them from the list:", *gone])


def test_what_is_known_to_differ_belongs_to_a_case():
    assert json.loads(KNOWN.read_text("utf-8")).keys() <= {folder.name for folder in CASES}


def test_required_items_of_the_seed_article_come_out_exactly(annotate):
    if not (SEED / "article.txt").is_file():
        pytest.skip(f"the seed article is not in {SEED}")
    text, expected = load_case(SEED)
    wrong = differences(annotate(text), expected)
    assert not wrong, "\n".join(["", *wrong])
