"""Subscriptions from and to OPML, as feed readers exchange them. Source: opml.org/spec2.opml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

import msgspec
from lxml import etree

from pipeline.errors import ConfigurationError
from pipeline.feeds.candidates import FoundFeed
from pipeline.feeds.canonical import canonical_url, host_of, parse_url
from pipeline.feeds.ownership import speaks_for
from pipeline.feeds.subscriptions import INGEST_ID, SAMPLE_ID, Subscription
from pipeline.feeds.text import clean_line
from pipeline.feeds.xml_names import local_name

OUTLINES_LIMIT = 10_000
_NAME_LIMIT = 200
_ID_LIMIT = 60
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_LANGUAGE = re.compile(r"[a-z]{2}(?=$|[-_])")


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription of an OPML file, with the names of the folders it was in, outermost first."""

    subscription: Subscription
    folders: tuple[str, ...] = ()


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """An outline that is no subscription, and why."""

    name: str
    reason: str


def read_opml(
    data: bytes, existing: Collection[Subscription] = ()
) -> tuple[list[Imported], list[Skipped]]:
    """The feeds of an OPML document that are not among ``existing`` ones, and what was skipped.

    Ids are made of names, else hosts: unique, and the same for the same document. At most
    ``OUTLINES_LIMIT`` outlines are read. Raises ConfigurationError for what is no OPML.
    """
    taken = {SAMPLE_ID, INGEST_ID, *(each.id for each in existing)}
    known = {canonical_url(each.url) for each in existing}
    imported: list[Imported] = []
    skipped: list[Skipped] = []
    for outline in _outlines(_root(data)):
        found = _imported(outline, taken, known)
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            imported.append(found)
            taken.add(found.subscription.id)
            known.add(canonical_url(found.subscription.url))
    return imported, skipped


def subscribe(
    found: Iterable[FoundFeed], existing: Collection[Subscription] = ()
) -> list[Imported]:
    """Subscriptions to feeds that were discovered, in their order, without existing ones."""
    taken = {SAMPLE_ID, INGEST_ID, *(each.id for each in existing)}
    known = {canonical_url(each.url) for each in existing}
    imported: list[Imported] = []
    for feed in found:
        if canonical_url(feed.url) in known:
            continue
        name = clean_line(feed.title, _NAME_LIMIT) or host_of(feed.url) or feed.url
        language = _LANGUAGE.fullmatch(feed.language or "")
        subscription = Subscription(
            id=make_id(name, feed.url, taken),
            url=feed.url,
            name=name,
            language=language.group() if language else None,
        )
        taken.add(subscription.id)
        imported.append(Imported(subscription=subscription))
    return imported


def write_opml(subscriptions: Collection[Subscription]) -> bytes:
    """An OPML 2.0 document of the subscriptions, in UTF-8."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Feeds of news-pipeline"
    body = etree.SubElement(root, "body")
    for each in subscriptions:
        name = clean_line(each.name, _NAME_LIMIT) or each.id
        outline = etree.SubElement(
            body, "outline", type="rss", text=name, title=name, xmlUrl=_writable(each.url)
        )
        if each.sites:
            outline.set("htmlUrl", _writable(each.speakers[1]))
        if each.language:
            outline.set("language", each.language)
    document: bytes = etree.tostring(
        root, encoding="utf-8", xml_declaration=True, pretty_print=True
    )
    return document


def to_toml(imported: Imported) -> str:
    """A [[feeds]] table as config/feeds.toml holds them, its folders as a comment."""
    feed = imported.subscription
    fields = {"id": feed.id, "url": feed.url, "name": feed.name}
    if feed.language:
        fields["language"] = feed.language
    comment = f"# {' / '.join(imported.folders)}\n" if imported.folders else ""
    lines = "".join(f"{key} = {_toml_string(value)}\n" for key, value in fields.items())
    if feed.sites:
        lines += f"sites = [{', '.join(map(_toml_string, feed.sites))}]\n"
    return f"{comment}[[feeds]]\n{lines}"


def make_id(name: str, url: str, taken: Collection[str]) -> str:
    """A new id of a feed: from its name, else its host, with a number where it is taken."""
    plain = _slug(name) or _slug(host_of(url) or "") or "feed"
    number, identity = 1, plain
    while identity in taken:
        number += 1
        identity = f"{plain}-{number}"
    return identity


def _root(data: bytes) -> etree._Element:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigurationError("no OPML document; export one from a feed reader") from error
    if root is None or local_name(root).lower() != "opml":
        raise ConfigurationError("no OPML document; export one from a feed reader")
    return root


def _outlines(root: etree._Element) -> Iterator[etree._Element]:
    """The outlines that stand for something, those around others not among them."""
    for number, outline in enumerate(root.iter("{*}outline")):
        if number >= OUTLINES_LIMIT:
            return
        if _attribute(outline, "xmlUrl") or outline.find("{*}outline") is None:
            yield outline


def _imported(
    outline: etree._Element, taken: Collection[str], known: Collection[str | None]
) -> Imported | Skipped:
    url = _attribute(outline, "xmlUrl")
    name = clean_line(_attribute(outline, "title") or _attribute(outline, "text"), _NAME_LIMIT) or (
        host_of(url) or ""
    )
    if not url:
        return Skipped(name=name, reason="has no xmlUrl")
    if canonical_url(url) is None:
        return Skipped(name=name, reason="its xmlUrl is no http or https address")
    if canonical_url(url) in known:
        return Skipped(name=name, reason="is followed already")
    language = _LANGUAGE.match(_attribute(outline, "language").lower())
    subscription = Subscription(
        id=make_id(name, url, taken),
        url=url,
        name=name,
        language=language.group() if language else None,
        sites=_sites(url, _attribute(outline, "htmlUrl")),
    )
    return Imported(subscription=subscription, folders=_folders(outline))


def _sites(url: str, site: str) -> tuple[str, ...]:
    """The site of a feed, where the feed's own address does not tell it."""
    address = canonical_url(site)
    return () if address is None or speaks_for(url, address) else (address,)


def _folders(outline: etree._Element) -> tuple[str, ...]:
    around = outline.iterancestors("{*}outline")
    names = (_attribute(each, "text") or _attribute(each, "title") for each in around)
    return tuple(clean_line(name, _NAME_LIMIT) for name in names if name.strip())[::-1]


def _attribute(outline: etree._Element, name: str) -> str:
    """An attribute in any case: readers write xmlurl and xmlURL too."""
    for key, value in outline.attrib.items():
        if key.lower() == name.lower():
            return str(value).strip()
    return ""


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NOT_IN_ID.sub("-", plain)[:_ID_LIMIT].strip("-")


def _writable(url: str) -> str:
    """The same address in characters that XML can hold."""
    return url if url.isprintable() else str(parse_url(url))


def _toml_string(text: str) -> str:
    # A JSON string is a TOML one, but for DEL.
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
