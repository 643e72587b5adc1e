"""News of any amount, made of the paragraphs of the project's own articles in English: a text in
another language has a second model loaded, which the bare model beside it never does."""

from __future__ import annotations

import random
from pathlib import Path

_GOLDEN = Path(__file__).parents[1] / "golden"
_PARAGRAPHS_PER_TEXT = 8


def made_texts(count: int, seed: int = 1) -> list[str]:
    """Different texts of eight paragraphs, about 300 words, the same for the same seed."""
    paragraphs = [
        line
        for file in sorted(_GOLDEN.glob("*/article.txt"))
        if not file.parent.name.startswith("fr-")
        for line in file.read_text("utf-8").splitlines()
        if line.strip()
    ]
    chosen = random.Random(seed)
    return ["\n".join(chosen.sample(paragraphs, _PARAGRAPHS_PER_TEXT)) for _ in range(count)]
