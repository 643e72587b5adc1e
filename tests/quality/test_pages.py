"""Pages: the body against hand-made texts, and what the page says of itself."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from trafilatura import extract

from pipeline.errors import Rejected
from pipeline.feeds.page import extract_page
from pipeline.feeds.parsed import Page

Labelled = list[tuple[dict[str, Any], Page | None]]


def read_all(folder: Path) -> Labelled:
    lines = (folder / "expected.jsonl").read_text().splitlines()
    return [(expected, read(folder, expected)) for expected in map(json.loads, lines)]


def read(folder: Path, expected: dict[str, Any]) -> Page | None:
    data = gzip.decompress((folder / expected["html"]).read_bytes())
    try:
        return extract_page(data, url=expected["url"])
    except Rejected:
        return None


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))


def f1(found: str, expected: str) -> float:
    one, other = shingles(found), shingles(expected)
    return 2 * (one & other).total() / (one.total() + other.total())


def same_day(page: Page, expected: str) -> bool:
    time = datetime.fromisoformat(expected)
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return page.published is not None and abs(page.published - time) < timedelta(days=1)


def names(authors: Any) -> list[str]:
    return sorted(name.casefold() for name in authors)


def test_pages_are_read_as_well_as_ever(material: Path, floors: dict[str, Any]) -> None:
    pages = read_all(material / "pages")
    described = [(expected, page) for expected, page in pages if "title" in expected and page]
    scores = {
        "body_f1": (body := mean(f1(p.text if p else "", e["text"]) for e, p in pages)),
        "body_margin": body - best_mode(material / "pages"),
        "title": share(p.title == " ".join(e["title"].split()) for e, p in described),
        "published_day": share(same_day(p, e["published"]) for e, p in described if e["published"]),
        "authors": share(names(p.authors) == names(e["authors"]) for e, p in described),
    }
    assert {name: score for name, score in scores.items() if score < floors["pages"][name]} == {}


def best_mode(folder: Path) -> float:
    """The body F1 of trafilatura alone, in the mode that reads these pages best."""
    lines = map(json.loads, (folder / "expected.jsonl").read_text().splitlines())
    pages = [(gzip.decompress((folder / e["html"]).read_bytes()), e) for e in lines]
    return max(
        mean(
            f1(extract(html, url=e["url"], include_comments=False, **mode) or "", e["text"])
            for html, e in pages
        )
        for mode in ({"favor_precision": True}, {}, {"favor_recall": True}, {"fast": True})
    )


def share(hits: Any) -> float:
    listed = list(hits)
    return sum(listed) / len(listed)
