"""The sample feed holds what deploy/sample/README.md promises."""

from pathlib import Path
from xml.etree import ElementTree as ET

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
ENTRIES = ET.parse(SAMPLE / "feed.xml").getroot().findall("atom:entry", ATOM)


def text_of(entry: ET.Element, name: str) -> str:
    return entry.findtext(f"atom:{name}", default="", namespaces=ATOM)


def link_of(entry: ET.Element) -> str:
    link = entry.find("atom:link", ATOM)
    assert link is not None
    return link.attrib["href"]


def test_every_entry_says_what_a_reader_needs() -> None:
    names = ("id", "title", "published", "updated", "summary", "author/atom:name")
    assert [(link_of(e), n) for e in ENTRIES for n in names if not text_of(e, n)] == []


def test_the_feed_and_the_folder_hold_the_same_pages() -> None:
    pages = {f"/articles/{path.name}" for path in (SAMPLE / "articles").iterdir()}
    assert {link_of(entry) for entry in ENTRIES} == pages


def test_every_page_is_explained() -> None:
    explained = (SAMPLE / "README.md").read_text(encoding="utf-8")
    missing = [p.name for p in (SAMPLE / "articles").iterdir() if f"`{p.name}`" not in explained]
    assert missing == []


def test_one_article_comes_again_corrected() -> None:
    first, second = (e for e in ENTRIES if link_of(e) == "/articles/bridge-collapse.html")
    assert text_of(first, "id") == text_of(second, "id")
    assert text_of(first, "updated") < text_of(second, "updated")
    assert "27 people" in text_of(first, "content")
    assert "29 people" in text_of(second, "content")


def test_four_entries_carry_their_text() -> None:
    assert sum(len(text_of(entry, "content")) > 1500 for entry in ENTRIES) == 4
