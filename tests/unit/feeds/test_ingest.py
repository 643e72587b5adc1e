"""Files onto the line: every text published, every bad one a dead letter, counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.feeds.ingest import Ingest, IngestCounts
from pipeline.feeds.outbox import Outbox
from pipeline.records import Article, decode
from tests.fakes.archives import capture, reading, write_warc
from tests.fakes.kafka import FakeIngestStates, FakePublisher

SETTINGS = settings.load()


class Archives:
    """Ingest on a Kafka in memory; its progress outlives a call."""

    def __init__(self) -> None:
        self.publisher = FakePublisher()
        self.states = FakeIngestStates()
        self.heard: list[IngestCounts] = []

    async def ingest(self, files: list[Path], *, restart: bool = False) -> IngestCounts:
        outbox = Outbox(self.publisher, SETTINGS, SETTINGS.topics.backfill)
        ingest = Ingest(reading(), outbox, self.states, self.heard.append)
        return await ingest.run(files, restart=restart)

    @property
    def published(self) -> list[tuple[str, int]]:
        """Id and revision of each article, as often as it was published."""
        sent = self.publisher.of(SETTINGS.topics.backfill)
        articles = [decode(message.value, Article) for message in sent]
        return [(article.id, article.revision) for article in articles]


def _files(folder: Path) -> list[Path]:
    lines = [json.dumps({"text": f"Bridge {number} opens."}) for number in range(250)]
    (folder / "many.jsonl").write_text("\n".join([*lines, "{", json.dumps({"text": ""})]))
    (folder / "one.txt").write_text("The bridge opens.")
    (folder / "none.txt").write_text("  \n ")
    return sorted(folder.iterdir())


async def test_every_text_is_published_and_every_bad_one_a_dead_letter(tmp_path: Path) -> None:
    archives = Archives()
    counts = await archives.ingest(_files(tmp_path))
    assert counts == IngestCounts(articles=251, dead_letters=3, files=3)
    assert len(archives.published) == 251
    assert len(archives.publisher.of(SETTINGS.topics.dead_letters)) == 3
    assert archives.publisher.of(SETTINGS.topics.articles) == []
    assert archives.heard[-1] == counts
    assert [each.articles for each in archives.heard] == sorted(
        each.articles for each in archives.heard
    )


async def test_the_same_file_read_again_has_the_same_ids(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("The bridge opens.")
    archives = Archives()
    for _ in range(2):
        await archives.ingest([file], restart=True)
    assert len(archives.published) == 2
    assert len({key for key, _ in archives.published}) == 1


async def test_files_that_are_done_are_passed_over_until_they_change(tmp_path: Path) -> None:
    files = _files(tmp_path)
    archives = Archives()
    await archives.ingest(files)
    assert await archives.ingest(files) == IngestCounts(files_known=3)
    (tmp_path / "one.txt").write_text("The bridge opens again.")
    assert await archives.ingest(files) == IngestCounts(articles=1, files=1, files_known=2)


async def test_what_could_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    gone = tmp_path / "gone.txt"
    archives = Archives()
    assert (await archives.ingest([gone])).dead_letters == 1
    gone.write_text("The bridge opens.")
    assert (await archives.ingest([gone])).articles == 1


@pytest.mark.parametrize("name", ["many.warc", "many.warc.gz", "one-member.warc.gz", "many.jsonl"])
@pytest.mark.parametrize("failure", [1, 2, 3])
async def test_broken_off_it_goes_on_where_it_was(tmp_path: Path, name: str, failure: int) -> None:
    file = tmp_path / name
    urls = [f"https://courier.example/{number}" for number in range(350)]
    if name.endswith(".jsonl"):
        lines = [json.dumps({"text": "A bridge.", "url": url}) for url in urls]
        file.write_text("\n".join(lines))
    else:
        write_warc(file, [capture(url) for url in urls], one_member="one-member" in name)
    archives = Archives()
    archives.states.fail_at(failure)
    with pytest.raises(ConnectionError):
        await archives.ingest([file])
    before = len(archives.published)
    assert before == 100 * failure
    counts = await archives.ingest([file])
    assert counts.articles == 350 - before + 100  # the chunk whose progress was lost comes again
    assert len(set(archives.published)) == 350
