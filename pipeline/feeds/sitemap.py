"""Sitemaps, those of Google News among them, sitemap indexes, and lists of addresses as text.

Sources: sitemaps.org/protocol.html; the news extension,
google.com/schemas/sitemap-news/0.9. Elements are known by their local names: many sitemaps are in
no namespace, or in the wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from pipeline.feeds.canonical import parse_url
from pipeline.feeds.raw import RawEntry, RawFeed, RawSitemap
from pipeline.feeds.xml_names import local_name, namespace_of

ADDRESSES_LIMIT = 50_000  # in one sitemap, by the protocol
SITEMAPS_LIMIT = 5_000  # of one index that are remembered
_CHILDREN_LIMIT = 200  # elements within one <url>: images and translations may be many
_LINE_LIMIT = 4_096  # bytes

_Fields = dict[str, str]


def read_sitemap(data: bytes) -> RawFeed:
    """Read <urlset>, in the order of the document. Damaged XML is read up to the damage."""
    rows = [fields for fields in _records(data, "url", ADDRESSES_LIMIT) if fields.get("loc")]
    return RawFeed(
        format="news-sitemap" if any("title" in fields for fields in rows) else "sitemap",
        title=next((fields["name"] for fields in rows if fields.get("name")), ""),
        entries=[_entry(fields) for fields in rows],
    )


def read_sitemap_index(data: bytes) -> RawFeed:
    """Read <sitemapindex>: it has no entries, only the sitemaps it lists."""
    rows = _records(data, "sitemap", SITEMAPS_LIMIT)
    sitemaps = [
        RawSitemap(link=fields["loc"], updated=fields.get("lastmod", ""))
        for fields in rows
        if fields.get("loc")
    ]
    return RawFeed(format="sitemap-index", sitemaps=sitemaps)


def read_address_list(data: bytes) -> RawFeed | None:
    """Read a sitemap in plain text, an address a line; None when any line is something else."""
    lines = [line.strip() for line in data.removeprefix(b"\xef\xbb\xbf").splitlines()]
    lines = [line for line in lines if line][:ADDRESSES_LIMIT]
    if not lines or not all(_is_address(line) for line in lines):
        return None
    entries = [RawEntry(link=line.decode("utf-8", "replace")) for line in lines]
    return RawFeed(format="text-sitemap", entries=entries)


def _is_address(line: bytes) -> bool:
    if len(line) > _LINE_LIMIT or not line.lower().startswith((b"http://", b"https://")):
        return False
    return b" " not in line and parse_url(line.decode("utf-8", "replace")) is not None


def _entry(fields: _Fields) -> RawEntry:
    return RawEntry(
        link=fields["loc"],
        title=fields.get("title", ""),
        published=fields.get("publication_date", ""),
        updated=fields.get("lastmod", ""),
        language=fields.get("language", ""),
    )


def _records(data: bytes, name: str, limit: int) -> Iterator[_Fields]:
    """The texts of each element ``name``, by the local names of those who hold them."""
    found = 0
    try:
        for _, element in etree.iterparse(
            BytesIO(data),
            events=("end",),
            tag=f"{{*}}{name}",
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        ):
            yield _fields(element)
            _forget(element)
            found += 1
            if found >= limit:
                return
    except (etree.XMLSyntaxError, UnicodeDecodeError):
        return  # what came before it was read


def _fields(element: etree._Element) -> _Fields:
    fields: _Fields = {}
    for number, child in enumerate(element.iterdescendants()):
        if number >= _CHILDREN_LIMIT:
            break
        if isinstance(child.tag, str) and child.text and not _is_other_media(child):
            fields.setdefault(local_name(child), child.text.strip())
    return fields


def _is_other_media(child: etree._Element) -> bool:
    """Images and videos have titles and addresses of their own."""
    namespace = namespace_of(child)
    return "image" in namespace or "video" in namespace


def _forget(element: etree._Element) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
