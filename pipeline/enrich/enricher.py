"""Annotates texts with spaCy models and our rules, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.enrich.annotate import annotate
from pipeline.enrich.model import describe, load
from pipeline.enrich.paragraphs import paragraphs
from pipeline.enrich.parse import read, readable
from pipeline.enrich.text_input import Outcome, TextInput
from pipeline.errors import ConfigurationError, Rejected
from pipeline.records import Reason

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_BATCH = 16


class Enricher:
    """Holds the models of some languages. ``models`` names an installed package or the folder of a
    model for each language; the first also reads texts whose language is not told.

    The first model is loaded at once, the others at their first text: French takes 5 s and 180 MB
    in each process, and a line with English feeds never needs it.

    Raises ConfigurationError when a model is missing or cannot be loaded, at its first text too.
    """

    def __init__(self, models: Mapping[str, str]) -> None:
        describe(models)
        self._models = models
        self._default = next(iter(models))
        self._loaded: dict[str, Language] = {}
        self._nlp(self._default)

    def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        """One outcome for each text, in order. A text the model or a rule fails on is
        Rejected(NLP_ERROR); the others of the call are not touched by it."""
        outcomes: dict[int, Outcome] = {}
        for language, places in self._by_language(texts).items():
            found = self._annotate_each(language, [texts[place] for place in places])
            outcomes |= zip(places, found, strict=True)
        return [outcomes[place] for place in range(len(texts))]

    def _by_language(self, texts: Sequence[TextInput]) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            known = text.language if text.language in self._models else None
            places.setdefault(known or self._default, []).append(place)
        return places

    def _annotate_each(self, language: str, texts: Sequence[TextInput]) -> list[Outcome]:
        try:
            return self._annotate(language, texts)
        except ConfigurationError:
            raise
        except Exception as error:
            if len(texts) == 1:
                return [_rejected(error)]
            return [outcome for text in texts for outcome in self._annotate_each(language, [text])]

    def _annotate(self, language: str, texts: Sequence[TextInput]) -> list[Outcome]:
        nlp = self._nlp(language)
        # Without the zone, each new word of the news stays in the model's vocabulary for ever.
        with nlp.memory_zone():
            docs = [_with_paragraphs(nlp, each.text, language) for each in texts]
            parsed = nlp.pipe(docs, batch_size=_BATCH)
            return [
                annotate(read(doc, each.text, language), language)
                for doc, each in zip(parsed, texts, strict=True)
            ]

    def _nlp(self, language: str) -> Language:
        if language not in self._loaded:
            self._loaded[language] = load(self._models[language])
        return self._loaded[language]


def _with_paragraphs(nlp: Language, text: str, language: str) -> Doc:
    """Tokens, with a sentence told to begin where a paragraph does: a headline without a full
    stop is otherwise read as the beginning of what follows."""
    doc = nlp.make_doc(readable(text, language))
    starts = {start for start, _ in paragraphs(text)}
    for token in doc:
        if token.idx in starts:
            token.is_sent_start = True
    return doc


def _rejected(error: Exception) -> Rejected:
    return Rejected(Reason.NLP_ERROR, f"the model raised {type(error).__name__}")
