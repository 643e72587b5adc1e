"""Article to EnrichedArticle: the entities a text names, and who said what in it.

``Enricher`` annotates texts in this process, ``ModelPool`` in processes of their own; ``enrich`` is
the step of the line. Nothing here imports spaCy until a model is loaded.
"""

from pipeline.enrich.enricher import Enricher
from pipeline.enrich.language import detect_language
from pipeline.enrich.model import describe
from pipeline.enrich.pool import ModelPool
from pipeline.enrich.step import enrich, story_id
from pipeline.enrich.text_input import Annotator, Outcome, TextInput

__all__ = [
    "Annotator",
    "Enricher",
    "ModelPool",
    "Outcome",
    "TextInput",
    "describe",
    "detect_language",
    "enrich",
    "story_id",
]
