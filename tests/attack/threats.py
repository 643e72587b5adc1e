"""The tests that docs/THREATS.md names: each row of its tables ends in those that show it."""

from __future__ import annotations

import re
from pathlib import Path

THREATS = Path(__file__).parents[2] / "docs" / "THREATS.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)?)`")


def named_tests(text: str | None = None) -> list[str]:
    """Node ids as pytest takes them, each once, in their order."""
    found = _NAMED.findall(THREATS.read_text() if text is None else text)
    return list(dict.fromkeys(found))
