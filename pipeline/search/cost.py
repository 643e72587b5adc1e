"""What a search may cost, decided from what is asked, before anything is sent. Pure.

A word is cheap, though it is asked of several fields; the beginning of a word stands for all that
begin so, and a short one for a good part of all words there are.
"""

from __future__ import annotations

MOST_WORDS = 60
MOST_BEGINNINGS = 3
SHORTEST_BEGINNING = 3


def too_costly(text: str) -> str | None:
    """Why words are too much to search for, and what to write instead; None where they are not."""
    words = text.split()
    if len(words) > MOST_WORDS:
        return f"text has {len(words)} words; {MOST_WORDS} at most"
    beginnings = [_letters(word) for word in words if "*" in word and word != "*"]
    if len(beginnings) > MOST_BEGINNINGS:
        return f"text has {len(beginnings)} words with *; {MOST_BEGINNINGS} at most"
    if any(len(letters) < SHORTEST_BEGINNING for letters in beginnings):
        return f"write at least {SHORTEST_BEGINNING} letters before *"
    return None


def _letters(word: str) -> str:
    """What stands before the first star, without marks."""
    return "".join(filter(str.isalnum, word.partition("*")[0]))
