"""Archives as files, and `pipeline ingest` over them: captures of addresses that are known from
elsewhere too, at older and other months."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from pipeline.feeds.canonical import canonical_url
from pipeline.records import article_id
from pipeline.settings import Settings
from tests.chaos.world.direct import MONTHS, SITE
from tests.chaos.world.feed import Feed, article_page, numbers
from tests.chaos.world.record import Made, Record
from tests.chaos.world.texts import made_text, marker, title
from tests.fakes.archives import Capture, write_warc
from tests.running import PROJECT, environment

_ADDRESSES_KEPT = 300
_LIVE_SHARE = 0.3
_KNOWN_SHARE = 0.4


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One capture of an address."""

    url: str
    title: str
    text: str
    fetched: datetime
    made: Made


class Archives:
    """Writes files of captures into ``folder``."""

    def __init__(self, seed: int, folder: Path, record: Record, feeds: list[Feed]) -> None:
        self._chance = random.Random(seed)
        self._folder = folder
        self._record = record
        self._feeds = feeds
        self._addresses: deque[str] = deque(maxlen=_ADDRESSES_KEPT)
        self._files = 0
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, count: int, *, pages: bool | None = None) -> Path:
        """A new file of so many captures, all of them on record: WARC where they are to be
        ``pages``, which take longer to read, or JSONL; by turns unless told."""
        self._files += 1
        taken = [self._capture() for _ in range(count)]
        self._record.add(each.made for each in taken)
        if not (self._files % 2 == 0 if pages is None else pages):
            return write_jsonl(self._folder / f"{self._files}.jsonl", taken)
        return write_warc(
            self._folder / f"{self._files}.warc.gz", [_response(each) for each in taken]
        )

    def _capture(self) -> Taken:
        number, url = next(numbers), self._address()
        fetched = datetime.now(UTC) - timedelta(days=self._chance.uniform(1, MONTHS * 30))
        fetched = fetched.replace(microsecond=0)  # WARC dates have seconds
        of_title = marker(number, 1)
        return Taken(
            url=url,
            title=title(of_title),
            text=made_text(self._chance),
            fetched=fetched,
            made=Made(
                article=article_id(
                    canonical_url=canonical_url(url), feed_id=None, guid=None, content=""
                ),
                revision=int(fetched.timestamp() * 1000),
                marker=of_title,
                origin="archives",
            ),
        )

    def _address(self) -> str:
        dice = self._chance.random()
        if dice < _LIVE_SHARE and self._feeds:
            feed = self._chance.choice(self._feeds)
            if (number := feed.captured()) is not None:
                return feed.address(number)
        if dice < _LIVE_SHARE + _KNOWN_SHARE and self._addresses:
            return self._chance.choice(list(self._addresses))
        self._addresses.append(f"{SITE}/archive/{next(numbers)}")
        return self._addresses[-1]


def write_jsonl(file: Path, taken: list[Taken]) -> Path:
    """A line for each capture."""
    file.write_bytes(b"\n".join(_lines(taken)) + b"\n")
    return file


def _lines(taken: list[Taken]) -> Iterator[bytes]:
    for each in taken:
        yield msgspec.json.encode(
            {
                "url": each.url,
                "title": each.title,
                "text": each.text,
                "fetched": each.fetched.isoformat(),
                "language": "en",
            }
        )


def _response(taken: Taken) -> Capture:
    return Capture(
        taken.url,
        article_page(taken.title, taken.text).encode(),
        date=taken.fetched.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def ingest(line: Settings, path: Path, log: Path) -> subprocess.Popen[bytes]:
    """`pipeline ingest`, begun."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", "ingest", str(path), "--json"],
            env=environment(line),
            cwd=PROJECT,
            stdout=output,
            stderr=output,
        )
