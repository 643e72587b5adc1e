"""Which language a text is in."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

ENOUGH_LETTERS = 40
SAMPLE_CHARS = 4_000
SURE = 0.8


def detect_language(text: str) -> str | None:
    """ISO 639-1 code of the text's language; None when it is too short or the guess is unsure."""
    sample = text[:SAMPLE_CHARS].encode("utf-8", "ignore").decode("utf-8")
    if sum(map(str.isalpha, sample)) < ENOUGH_LETTERS:
        return None
    language, probability = _identifier().classify(sample)
    # Three letters are what ISO 639-1 has no code for: Pidgin, or no language at all (zxx).
    return str(language) if probability >= SURE and len(language) == 2 else None


def primary_language(tag: str | None) -> str | None:
    """The language of a tag as feeds write it: ``en-US`` and ``EN_us`` are ``en``."""
    if not tag:
        return None
    primary = tag.replace("_", "-").split("-")[0].strip().lower()
    return primary if primary.isascii() and primary.isalpha() else None


@cache
def _identifier() -> Any:
    langid = import_module("py3langid.langid")
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
