"""Names of months in the languages that feeds are written in, for dates that begin with a day."""

from __future__ import annotations

import re
import unicodedata

_SHORTEST = 3  # letters of an abbreviation
_NAMES = """
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
jänner feber mrz april mai juni juli august september oktober november dezember
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
januari februari maart april mei juni juli augustus september oktober november december
januari februari mrt april maj juni juli augusti september oktober november december
januar februar mars april mai juni juli august september oktober november desember
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
"""
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"(?:[^\W\d_]{1,12}[.,]{0,2}\s*)?"  # the day of the week
    r"(\d{1,2})(?:er|st|nd|rd|th|[.º°])?[\s-]*(?:(?:de|of)\s+)?"
    r"([^\W\d_]{3,12})[.,]{0,2}[\s-]*(?:del?\s+)?(\d{4}|\d\d)(?!\d)"
    r"(?:\s*(?:,|-|um|à|at|alle|om|kl\.?)?\s*(?=\d))?"
)


def with_english_month(text: str) -> str:
    """A date that begins with its day, and maybe the day of the week, as ``1 Mar 2026``, with what
    follows it; any other text as it is."""
    text = unicodedata.normalize("NFC", text)
    match = _DATE.match(text)
    month = _MONTHS.get(_plain(match[2])) if match else None
    if match is None or month is None:
        return text
    return f"{match[1]} {_ENGLISH[month]} {match[3]} {text[match.end() :].lstrip()}".strip()


def _plain(word: str) -> str:
    """In lower case, without accents."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(each for each in letters if not unicodedata.combining(each))


def _beginnings() -> dict[str, int]:
    """Months, from 0, by their names and what is short for these alone."""
    found: dict[str, set[int]] = {}
    for line in _NAMES.split("\n"):
        for month, name in enumerate(line.split()):
            plain = _plain(name)
            for length in range(_SHORTEST, len(plain) + 1):
                found.setdefault(plain[:length], set()).add(month)
    return {word: months.pop() for word, months in found.items() if len(months) == 1}


_MONTHS = _beginnings()
