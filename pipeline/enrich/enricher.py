"""Annotates texts with a spaCy model and our rules, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.enrich import model as models
from pipeline.enrich.annotate import annotate
from pipeline.enrich.paragraphs import paragraphs
from pipeline.enrich.parse import read, readable
from pipeline.enrich.text_input import Outcome, TextInput
from pipeline.errors import Rejected
from pipeline.records import Model, Reason

if TYPE_CHECKING:
    from spacy.tokens import Doc

_BATCH = 16


class Enricher:
    """Holds one loaded model. ``model`` is an installed package or the folder of a model.

    Raises ConfigurationError when the model cannot be loaded.
    """

    def __init__(self, model: str) -> None:
        self.model: Model = models.describe(model)
        self._nlp = models.load(model)

    def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        """One outcome for each text, in order. A text the model or a rule fails on is
        Rejected(NLP_ERROR); the others of the call are not touched by it."""
        try:
            return self._annotate(texts)
        except Exception as error:
            if len(texts) == 1:
                return [_rejected(error)]
            return [outcome for text in texts for outcome in self.annotate([text])]

    def _annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        # Without the zone, each new word of the news stays in the model's vocabulary for ever.
        with self._nlp.memory_zone():
            docs = [self._with_paragraphs(each.text) for each in texts]
            parsed = self._nlp.pipe(docs, batch_size=_BATCH)
            return [
                annotate(read(doc, each.text), each.title)
                for doc, each in zip(parsed, texts, strict=True)
            ]

    def _with_paragraphs(self, text: str) -> Doc:
        """Tokens, with a sentence told to begin where a paragraph does: a headline without a full
        stop is otherwise read as the beginning of what follows."""
        doc = self._nlp.make_doc(readable(text))
        starts = {start for start, _ in paragraphs(text)}
        for token in doc:
            if token.idx in starts:
                token.is_sent_start = True
        return doc


def _rejected(error: Exception) -> Rejected:
    return Rejected(Reason.NLP_ERROR, f"the model raised {type(error).__name__}")
