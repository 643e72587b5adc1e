"""Feeds: entries, titles, links and times as another parser reads them."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.feeds.parse import parse_feed
from pipeline.feeds.parsed import Entry
from tests.quality.test_pages import share

Pairs = list[tuple[Entry, dict[str, Any]]]


def read_all(folder: Path) -> Iterator[tuple[tuple[Entry, ...], list[dict[str, Any]]]]:
    for expected in sorted(folder.rglob("*.serde.json")):
        stem = expected.name.removesuffix(".serde.json")
        (document,) = (p for p in expected.parent.glob(f"{stem}.*") if p != expected)
        feed = parse_feed(document.read_bytes(), url="https://feed.example/feed.xml")
        yield feed.entries, json.loads(expected.read_text())["entries"]


def same_title(entry: Entry, expected: dict[str, Any]) -> bool:
    title = (expected["title"] or {}).get("content") or ""
    return entry.title == " ".join(title.split())


def same_link(entry: Entry, expected: dict[str, Any]) -> bool:
    return entry.url is not None and entry.url.endswith(expected["links"][0]["href"])


def same_time(entry: Entry, expected: dict[str, Any]) -> bool:
    time = datetime.fromisoformat(expected["published"])
    return entry.published is not None and abs(entry.published - time) < timedelta(seconds=1)


def test_feeds_are_read_as_well_as_ever(material: Path, floors: dict[str, Any]) -> None:
    feeds = list(read_all(material / "feeds"))
    pairs: Pairs = [pair for ours, theirs in feeds for pair in zip(ours, theirs, strict=False)]
    scores = {
        "entries": share(len(ours) == len(theirs) for ours, theirs in feeds),
        "titles": share(same_title(*pair) for pair in pairs),
        "links": share(same_link(*pair) for pair in pairs if pair[1]["links"]),
        "published": share(same_time(*pair) for pair in pairs if pair[1]["published"]),
    }
    assert {name: score for name, score in scores.items() if score < floors["feeds"][name]} == {}
