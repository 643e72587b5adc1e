"""What a saved search finds, as an Atom feed (RFC 4287): pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from pipeline.alerts.events import refused
from pipeline.alerts.match import alert_id
from pipeline.records import SavedSearch, WaitingSearch
from pipeline.search import ArticleHit, StatementHit

ATOM = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"


def feed_of(
    search: SavedSearch,
    hits: Sequence[ArticleHit] | Sequence[StatementHit],
    self_url: str,
    waits: WaitingSearch | None = None,
) -> bytes:
    """The feed at ``self_url``, with an entry for each hit, in the order given, after one that says
    that the search cannot be asked where it ``waits``.

    Ids are URNs made of the search and of what was found: they outlive a change of address. An
    article keeps its id through corrections, a statement for as long as it reads the same. The same
    hits make the same bytes.
    """
    feed = ET.Element(_tag("feed"))
    _add(feed, "id", f"urn:news-pipeline:search:{search.id}")
    _add(feed, "title", search.name)
    ET.SubElement(feed, _tag("link"), rel="self", href=_clean(self_url))
    _add(feed, "updated", _time(max((_seen(hit) for hit in hits), default=search.created_at)))
    _add(feed, "generator", "news-pipeline")
    if waits is not None:
        feed.append(_refusal(search, waits))
    # Of a statement that stands twice in an article, one entry: ids are unique in a feed.
    for entry_id, hit in {_id(search, hit): hit for hit in hits}.items():
        feed.append(_entry(entry_id, hit))
    ET.register_namespace("", ATOM)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _id(search: SavedSearch, hit: ArticleHit | StatementHit) -> str:
    if isinstance(hit, ArticleHit):
        subject = hit.id
    else:
        # Their numbers change when a correction puts one before them.
        subject = "\n".join((hit.article_id, hit.speaker or "", hit.content))
    return f"urn:news-pipeline:found:{alert_id(search.id, subject)}"


def _refusal(search: SavedSearch, waits: WaitingSearch) -> ET.Element:
    """One for each time that the search begins to be refused."""
    event = refused(search, waits.why, waits.since, waits.since)
    entry = ET.Element(_tag("entry"))
    _add(entry, "id", f"urn:news-pipeline:found:{event.id}")
    _add(entry, "title", event.title)
    _add(entry, "updated", _time(waits.since))
    author = ET.SubElement(entry, _tag("author"))
    _add(author, "name", event.source)
    _add(entry, "summary", event.snippet)
    return entry


def _entry(entry_id: str, hit: ArticleHit | StatementHit) -> ET.Element:
    entry = ET.Element(_tag("entry"))
    _add(entry, "id", entry_id)
    _add(entry, "title", _title(hit))
    _add(entry, "updated", _time(_seen(hit)))
    if hit.published is not None:
        _add(entry, "published", _time(hit.published))
    author = ET.SubElement(entry, _tag("author"))
    _add(author, "name", hit.source)
    if hit.url is not None and hit.url.startswith(("http://", "https://")):
        ET.SubElement(entry, _tag("link"), rel="alternate", href=_clean(hit.url))
    text = hit.snippet if isinstance(hit, ArticleHit) else hit.content
    _add(entry, "summary", text)
    return entry


def _title(hit: ArticleHit | StatementHit) -> str:
    title = hit.title or hit.source
    if isinstance(hit, ArticleHit) or not hit.speaker:
        return title
    warning = "not: " if hit.negated else "perhaps: " if hit.hypothetical else ""
    return f"{hit.speaker}: {warning}{title}"


def _seen(hit: ArticleHit | StatementHit) -> datetime:
    return hit.first_seen


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = _clean(text)


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _clean(text: str) -> str:
    """Without the characters that no XML document can hold (XML 1.0, production 2)."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not _is_outside(ord(c))))


def _is_outside(code: int) -> bool:
    return 0xD800 <= code <= 0xDFFF or code in {0xFFFE, 0xFFFF}
