"""Annotators without a model. A text says what is to become of the process that reads it."""

import os
import signal
import time
from collections.abc import Mapping, Sequence

from pipeline.enrich import Outcome, TextInput
from pipeline.errors import Rejected
from pipeline.records import Annotations, Entity, Mention, Reason, Span

CRASH = "crash"  # the process ends at once, as on a segmentation fault
HANG = "hang"  # the process never answers
RAISE = "raise"  # the annotator raises, which it must not


class MarkedAnnotator:
    """Annotates a text with one entity, its first word; obeys the marks above."""

    def __init__(self, models: Mapping[str, str]) -> None:
        self.models = models

    def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        return [_annotate(text.text) for text in texts]


def _annotate(text: str) -> Outcome:
    if text.startswith(CRASH):
        os.kill(os.getpid(), signal.SIGKILL)
    if text.startswith(HANG):
        time.sleep(60)
    if text.startswith(RAISE):
        raise RuntimeError(text)
    if text.startswith("rejected"):
        return Rejected(Reason.NLP_ERROR, "as asked")
    first = text.split(maxsplit=1)[0]
    mention = Mention(text=first, span=Span(0, len(first)))
    return Annotations(entities=(Entity(name=first, type="ORG", mentions=(mention,)),))


class ProcessIdAnnotator(MarkedAnnotator):
    """Names the process that annotated."""

    def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        return [Rejected(Reason.NLP_ERROR, str(os.getpid())) for _ in texts]


def broken_factory(models: Mapping[str, str]) -> MarkedAnnotator:
    """Models that cannot be loaded."""
    raise OSError(f"no models {models}")
