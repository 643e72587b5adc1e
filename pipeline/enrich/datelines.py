"""Where a report is from, as its first words say: "BRENNICK –", "LONDON, March 3 (Reuters) -",
"Oslo (AP) —". Nobody said that.

Source of the forms: the style books of the agencies.
"""

from __future__ import annotations

import re

_CAPITAL = r"A-Z\u00c0-\u00de"
_CAPITALS = rf"[{_CAPITAL}][{_CAPITAL}.'’-]+(?: [{_CAPITAL}.'’-]+){{0,3}}"
_NAME = rf"[{_CAPITAL}][\w.'’-]+(?: [\w.'’-]+){{0,3}}"
_STATE_OR_DAY = r"(?:, [\w. ]{1,30}){0,2}"
_AGENCY = r" ?\([^()\n]{2,40}\)"
_DATELINE = re.compile(
    rf"(?:{_CAPITALS}{_STATE_OR_DAY}(?:{_AGENCY})?|{_NAME}{_STATE_OR_DAY}{_AGENCY})"
    rf" ?(?:–|—|--| - ?)\s?(?=[{_CAPITAL}\d“\"‘'«])"  # a sentence begins there
)


def dateline_end(text: str, start: int) -> int:
    """Where the report goes on behind the dateline that stands at ``start``; ``start`` where none
    does. One stands at the beginning of a paragraph only."""
    if start and text[start - 1] != "\n":
        return start
    found = _DATELINE.match(text, start)
    return found.end() if found else start
