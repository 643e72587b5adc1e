"""Lines that pages put around paragraphs: labels, links elsewhere, credits, requests."""

from __future__ import annotations

import re

_LONGEST_PROMPT = 400  # characters; what is longer is told, not asked
_LONGEST_DATELINE = 60  # characters

# What pages put between paragraphs: whole lines.
_LABEL = re.compile(
    r"""^[\W\d]*(?:
      advertisement|advert|anzeige|werbung|publicidad|publicité|pubblicità|sponsored|
      (?:article|story)\ (?:content|continues?\ below).*|advertisement.{0,4}story\ continues\ below|
      you\ (?:may|might)\ also\ like|read\ (?:more|next|also)|more\ info(?:rmation|s)?|mehr\ infos?|
      related(?:\ (?:articles?|stories|topics|posts))?|recommended|most\ read|trending|
      explore\ further|something\ to\ consider|share(?:\ this)?(?:\ article)?|comments?|
      filed\ under:.*|lesen\ sie\ auch|lesen\ sie\ mehr|mehr\ zum\ thema|weiterlesen|
      lire\ aussi|à\ lire\ aussi|lea\ también|te\ puede\ interesar|leggi\ anche|lees\ ook|les\ også
    )[\W\d]*$""",
    re.IGNORECASE | re.VERBOSE,
)
# A day and a time of day, and minutes of reading.
_DATELINE = re.compile(
    r"\b(?:19|20)\d\d\b.{1,12}\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[:.h]\d\d\b.{1,30}\b20\d\d\b"
)
_READING = re.compile(
    r"^[^\d.!?]{0,25}\d{1,2}[- ]min(?:ute[ns]?|utos?|uti)?\b[^\d.!?]{0,12}$", re.IGNORECASE
)
# What leads elsewhere, or names who made it: how lines begin.
_ASIDE = re.compile(
    r"""^\W{0,3}(?:
      (?:read\ more|read\ also|read\ next|related|see\ also|more\ from\ .{2,40}|recommended|watch|
         lesen\ sie\ (?:auch|mehr)|mehr\ dazu|lire\ aussi|à\ lire\ aussi|lea\ también|
         leggi\ anche|lees\ ook)\ ?:\ |
      (?:image|photo|picture|foto|bild|fotos|photograph|credit|quelle|source)s?\ ?:\ .{1,80}$|
      copyright\b.{0,20}(?:©|ⓒ|\(c\)|\d{4})|(?:©|ⓒ)\ ?\w|
      reporting\ by\ .*\bediting\ by\b|
      (?:click|tap)\ here\b|get\ .{2,60}\bby\ clicking\ here\b|
      e-?mail:\ \S+@\S+$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# What asks the reader for something: lines that hold it and are short.
_PROMPT = re.compile(
    r"""\b(?:
      (?:sign|signing)\ up\ (?:to|for)\ (?:our|the|a)\b.{0,60}\bnewsletters?|
      subscribe\ to\ (?:our|the)\b.{0,60}\b(?:newsletter|channel|podcast)s?|
      follow\ (?:us|[\w’' ]{2,40})\ on\ (?:twitter|x|facebook|instagram|google|whatsapp|tiktok)\b|
      bookmark\ \S+\ and\ sign\ up|if\ you\ enjoyed\ this\ article|
      contributed\ to\ this\ (?:report|article|story)\b|
      newsletter\ (?:informiert|abonnieren|anmelden)|abonnieren\ sie\ (?:unseren|den)\b|
      (?:inscrivez|abonnez)-vous\ à|suscríbete\ a|iscriviti\ alla
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def is_boilerplate(line: str) -> bool:
    """Whether a whole line is a label, a link elsewhere, a credit or a request to the reader."""
    if _LABEL.match(line):
        return True
    return len(line) < _LONGEST_PROMPT and bool(_ASIDE.match(line) or _PROMPT.search(line))


def is_dateline(line: str) -> bool:
    """Whether a line only says when the page was published, or how long it takes to read."""
    return len(line) < _LONGEST_DATELINE and bool(_DATELINE.search(line) or _READING.match(line))
