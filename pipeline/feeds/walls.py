"""What stands where an article should be: walls, errors, and pages that list articles.

Pure functions; in doubt a page is an article. Long texts pass: walls and teasers are short.
"""

from __future__ import annotations

import re

import msgspec

_WALL_LIMIT = 900  # characters; a wall says no more, an article about walls mostly does
_TEASER_LIMIT = 1_500  # characters; no title of a longer text is that of a wall
_FREE_LIMIT = 600  # characters of a text that is marked as not free: some say so of all they show
_PARAGRAPH = 200  # characters; no line of a section front or a gallery is longer

_WALLS = {
    "a bot check": r"""
        (?:please\ )?enable\ (?:javascript|cookies)\b|javascript\ (?:is|has\ been)\ disabled|
        verify\ (?:that\ )?you\ are\ (?:a\ )?(?:human|not\ a\ robot)|are\ you\ a\ robot|
        checking\ your\ browser|unusual\ (?:traffic|activity)\ from|
        bitte\ aktivieren\ sie\ javascript|
        just\ a\ moment\.\.\.|attention\ required!|vérifi\w+\ que\ vous\ êtes\ humain""",
    "a consent wall": r"""
        (?:accept|manage)\ (?:all\ )?(?:our\ )?cookies|
        we\ (?:and\ our\ partners\ )?(?:use|value)\ (?:cookies|your\ privacy)|
        cookies\ (?:akzeptieren|zustimmen)|
        mit\ werbung\ (?:und\ (?:cookies|tracking)\ )?(?:weiter)?lesen|
        accepter\ (?:et\ continuer|les\ cookies)|aceptar\ (?:las\ |y\ )?(?:cookies|continuar)""",
    "a login wall": r"""
        (?:sign|log)\ in\ (?:or\ \w+(?:\ an\ account)?\ )?to\ (?:continue|read|view)|
        (?:create\ (?:a\ free|an)\ account|register(?:\ for\ free)?)\ to\ (?:continue|read|keep)|
        (?:bitte\ )?(?:melden\ sie\ sich\ an|einloggen),?\ um\ |connectez-vous\ pour""",
    "a paywall": r"""
        subscribe\ (?:now\ )?to\ (?:continue|keep|read)|
        (?:article|story|content)\ is\ (?:only\ )?(?:for|available\ to)\ subscribers|
        to\ (?:continue|keep)\ reading,?\ (?:please\ )?(?:subscribe|log\ in)|
        already\ a\ subscriber\?|
        (?:jetzt\ )?abonnieren\ und\ weiterlesen|nur\ für\ abonnenten|
        réservé\ (?:à\ nos|aux)\ abonnés|
        (?:solo|exclusivo)\ para\ (?:suscriptores|abonados)""",
    "an error page": r"""
        (?:404|403|500|503)\W{1,3}(?:not\ found|forbidden|error|page|internal|service)|
        (?:page|article|story)\ (?:you\ (?:requested|(?:are|were)\ looking\ for)\ )?
        (?:was\ |could\ |can)?\ ?not\ (?:be\ )?found|
        (?:page|article|story)\ (?:you\ .{3,20}\ )?(?:no\ longer|does\ not|doesn['’]t)\ exist|
        access\ denied|
        seite\ (?:wurde\ )?nicht\ gefunden|page\ (?:introuvable|non\ trouvée)|
        página\ no\ encontrada""",
}  # fmt: skip
_PHRASES = {
    wall: re.compile(rf"\b(?:{phrases})", re.IGNORECASE | re.VERBOSE)
    for wall, phrases in _WALLS.items()
}
_ERROR_TITLE = re.compile(
    r"^\W*(?:error )?(?:404|403|500|503)\W*(?:(?:page )?(?:not found|forbidden|error)\b.{0,30}|"
    r"(?:internal server error|service unavailable)\b.{0,30})?$",
    re.IGNORECASE,
)
_LISTS = frozenset(["CollectionPage", "ItemList", "SearchResultsPage"])
_GALLERIES = frozenset(["ImageGallery", "MediaGallery"])


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What a page says of its kind.

    ``types`` are the schema.org types in its JSON-LD, ``article_type`` that of its article.
    ``free``: ``isAccessibleForFree`` of the article, None where it says nothing. ``home``: the
    address is that of the site itself. ``visible`` is how all that the page shows begins.
    """

    types: frozenset[str] = frozenset()
    article_type: str = ""
    free: bool | None = None
    home: bool = False
    visible: str = ""


def why_no_article(title: str, text: str, signs: Signs) -> str | None:
    """What the page is instead of an article, in words for people; None: it may be one."""
    return (
        _paywall(text, signs) or _wall(title, text) or _listing(text, signs) or _hidden(text, signs)
    )


def _paywall(text: str, signs: Signs) -> str | None:
    short = signs.free is False and len(text) < _FREE_LIMIT
    return f"a paywall: only {len(text)} characters are free" if short else None


def _wall(title: str, text: str) -> str | None:
    if len(text) >= _TEASER_LIMIT:
        return None
    if _ERROR_TITLE.match(title):
        return "an error page"
    said = f"{title}\n{text}" if len(text) < _WALL_LIMIT else title
    return _phrase_in(said)


def _hidden(text: str, signs: Signs) -> str | None:
    """A page that shows next to nothing: what extractors leave out may be the wall."""
    return _phrase_in(signs.visible) if len(text) < _PARAGRAPH else None


def _phrase_in(said: str) -> str | None:
    return next((wall for wall, phrases in _PHRASES.items() if phrases.search(said)), None)


def _listing(text: str, signs: Signs) -> str | None:
    if signs.article_type == "LiveBlogPosting":
        return "a live ticker"
    if signs.article_type:
        return None
    if signs.home:
        return "a home page"
    if any(len(line) >= _PARAGRAPH for line in text.split("\n")):
        return None
    if signs.types & _GALLERIES:
        return "a gallery"
    return "a section front" if signs.types & _LISTS else None
