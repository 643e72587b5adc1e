"""What runs inside a model process, and how its results travel back.

Results are records as JSON bytes: reading checks them, and a Rejected does not survive pickling.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeAlias

from pipeline.enrich.text_input import Annotator, Outcome, TextInput
from pipeline.errors import ConfigurationError, Rejected
from pipeline.records import Annotations, Reason, decode, encode

Factory: TypeAlias = Callable[[Mapping[str, str]], Annotator]
Result: TypeAlias = bytes | tuple[str, str]

# The libraries below NumPy start a thread for each core unless told otherwise, and then two
# processes on two cores run four threads that wait for one another.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
)

_annotators: list[Annotator] = []


def load(factory: Factory, models: Mapping[str, str]) -> None:
    """Make this process's annotator; runs once, before the first text."""
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    _annotators[:] = [factory(models)]


def ready() -> int:
    """Answers, with its process id, when the annotator is made."""
    return os.getpid()


def annotate(texts: list[TextInput]) -> list[Result]:
    """One result for each text, in order. Raises ConfigurationError when a model that a text needs
    cannot be loaded: no text is to blame for that."""
    try:
        return [_result(outcome) for outcome in _annotators[0].annotate(texts)]
    except ConfigurationError:
        raise
    except (
        Exception
    ) as error:  # an annotator must not raise; one that does has not killed its process
        return [(str(Reason.NLP_ERROR), f"the annotator raised {type(error).__name__}")] * len(
            texts
        )


def _result(outcome: Outcome) -> Result:
    if isinstance(outcome, Rejected):
        return str(outcome.reason), outcome.detail
    try:
        return encode(outcome)
    except Rejected as error:
        return str(error.reason), error.detail


def outcome(result: Result) -> Outcome:
    """The outcome a result stands for."""
    if isinstance(result, tuple):
        return Rejected(Reason(result[0]), result[1])
    return decode(result, Annotations)
