"""Files onto the line: every text published, every bad one a dead letter, counted."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline import settings
from pipeline.feeds.documents import Reading
from pipeline.feeds.ingest import IngestCounts, ingest
from pipeline.feeds.outbox import Outbox
from pipeline.feeds.parsed import Page
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

SETTINGS = settings.load()


def no_pages(data: bytes) -> Page:
    raise AssertionError("no page is read here")


READING = Reading(extract=no_pages, now=NOW, max_bytes=10_000, max_chars=1_000)


def _files(folder: Path) -> list[Path]:
    lines = [json.dumps({"text": f"Bridge {number} opens."}) for number in range(250)]
    (folder / "many.jsonl").write_text("\n".join([*lines, "{", json.dumps({"text": ""})]))
    (folder / "one.txt").write_text("The bridge opens.")
    (folder / "none.txt").write_text("  \n ")
    return sorted(folder.iterdir())


async def test_every_text_is_published_and_every_bad_one_a_dead_letter(tmp_path: Path) -> None:
    files = _files(tmp_path)
    publisher, heard = FakePublisher(), list[IngestCounts]()
    counts = await ingest(files, READING, Outbox(publisher, SETTINGS), heard.append)
    assert counts == IngestCounts(articles=251, dead_letters=3)
    assert len(publisher.of(SETTINGS.topics.articles)) == 251
    assert len(publisher.of(SETTINGS.topics.dead_letters)) == 3
    assert [each.articles for each in heard] == [250, 250, 251]


async def test_the_same_file_read_again_has_the_same_ids(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("The bridge opens.")
    keys = set()
    for _ in range(2):
        publisher = FakePublisher()
        await ingest([file], READING, Outbox(publisher, SETTINGS), lambda _: None)
        keys |= {message.key for message in publisher.sent}
    assert len(keys) == 1
