"""Clean text: everything that enters an article passes through here.

One convention for the whole line: a single line feed separates paragraphs, and nothing else breaks
a line.
"""

from __future__ import annotations

import html
import re
import unicodedata

MARKS_LIMIT = 30  # the longest run of combining marks in real text: Unicode Annex 15, "stream-safe"

_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BREAKS = re.compile(" ?\n[ \n]*")
# Controls, and what is invisible but would split or disguise a word: soft hyphen, zero width space,
# word joiner, byte order mark, directional marks and overrides, tags, noncharacters. The zero width
# joiners stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# A run that may be combining marks alone: they are neither letters nor spaces nor ASCII.
_MARK_RUN = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_LIMIT + 1},}}")
# Of no character: Python refuses to read numbers of so many digits.
_NO_REFERENCE = re.compile(r"&#[0-9]{600,};?")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)]*(?=\s)")


def clean_text(text: str) -> str:
    """Normal form C, a line feed between paragraphs, single spaces, nothing invisible.

    Idempotent.
    """
    text = _INVISIBLE.sub("", _LINE_BREAKS.sub("\n", without_surrogates(text)))
    # Normalising is quadratic in a run of combining marks: 20 s for one of 160,000.
    text = unicodedata.normalize("NFC", _MARK_RUN.sub(_first_marks, text))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip(" \n")


def unescaped(text: str) -> str:
    """With HTML's references as the characters they are; never raises, as ``html.unescape`` may."""
    return html.unescape(_NO_REFERENCE.sub("\ufffd", text))


def clean_line(text: str, limit: int) -> str:
    """The same on one line, cut at a word to at most ``limit`` characters: titles, names."""
    # Cut twice: what is far too long need not be cleaned.
    text = text[: limit * 8]
    words = clean_words(text)
    return shorten(clean_text(text).replace("\n", " ") if words is None else words, limit)


def clean_words(text: str) -> str | None:
    """``clean_text`` on one line, for a text that needs but its spaces set right; None for others.

    Most texts are so, and it takes a fifth of the time.
    """
    words = " ".join(text.split())
    if not words.isprintable() or "\x1f" in text:  # a unit separator is a space to Python
        return None
    if words.isascii():
        return words
    usual = unicodedata.is_normalized("NFC", words) and not _MARK_RUN.search(words)
    return words if usual else None


def shorten(line: str, limit: int) -> str:
    """``line`` in at most ``limit`` characters: cut at a word, with an ellipsis to show it."""
    if len(line) <= limit:
        return line
    at_word = line[:limit].rpartition(" ")[0]
    head = at_word if len(at_word) > limit // 2 else line[: limit - 1]
    return head.rstrip(" ,;:–—-") + "…"


def truncate_text(text: str, limit: int) -> tuple[str, bool]:
    """At most ``limit`` characters of a clean text, and whether it was cut.

    Cut at the last paragraph that fits; at a word, then anywhere, where that would lose over half.
    """
    if len(text) <= limit:
        return text, False
    for end in (text.rfind("\n", 0, limit + 1), text.rfind(" ", 0, limit + 1)):
        if end > limit // 2:
            return text[:end], True
    return text[:limit].rstrip(), True


def first_sentence(text: str, limit: int) -> str:
    """How a text begins, as a headline for one that has none."""
    line = text.partition("\n")[0]
    # Sentences under 40 characters are too often an abbreviation ("Gen. Smith ...").
    end = next((m.end() for m in _SENTENCE_END.finditer(line) if m.end() >= 40), len(line))
    return shorten(line[:end], limit)


def without_surrogates(text: str) -> str:
    """Pairs become the character they stand for, lone ones go: UTF-8 cannot carry them."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text


def _first_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in run.group():
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= MARKS_LIMIT:
            kept.append(char)
    return "".join(kept)
