"""Pages per second: `pipeline ingest` of a WARC file beside bare extraction, in one run.

Both extract the same pages with the same number of processes. The clock of ingest runs from the
first byte of the file to the delivery of the last article; that of bare extraction over a
multiprocessing pool that is warm.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import time
from pathlib import Path

import msgspec

from pipeline import bootstrap, resources
from pipeline.feeds.page import extract_page
from pipeline.settings import Settings
from tests.fakes.archives import capture, write_warc


class Pages(msgspec.Struct, frozen=True, kw_only=True):
    """Pages per second of both, and their ratio: above 1 ingest is the faster one. ``megabytes``
    is the most memory that this process has taken so far."""

    pages: int
    processes: int
    ingest: float
    bare: float
    megabytes: float

    @property
    def ratio(self) -> float:
        return self.ingest / self.bare


def sample_pages(count: int) -> list[bytes]:
    """The pages of the sample feed, over and over, each padded to the size of a page of today."""
    files = sorted((resources.sample_folder() / "articles").glob("*.html"))
    bodies = [file.read_bytes() for file in files]
    menu = "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(600)).encode()
    padded = [
        body.replace(b"<body>", b"<body><nav><ul>" + menu + b"</ul></nav>") for body in bodies
    ]
    return [padded[number % len(padded)] for number in range(count)]


def measure_archive(settings: Settings, folder: Path, count: int) -> Pages:
    """Measure ingest onto ``settings``' Kafka, then bare extraction."""
    pages = sample_pages(count)
    captures = [capture(f"https://courier.example/{n}", page) for n, page in enumerate(pages)]
    file = write_warc(folder / f"{count}.warc.gz", captures)
    processes = os.cpu_count() or 1
    bootstrap.require_kafka(settings)
    started = time.perf_counter()
    counts = asyncio.run(
        bootstrap.ingest_files(settings, [file], lambda _: None, print, restart=True)
    )
    ingest = time.perf_counter() - started
    assert counts.records == count, counts
    bare = bare_seconds(pages, processes)
    return Pages(
        pages=count,
        processes=processes,
        ingest=count / ingest,
        bare=count / bare,
        megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def bare_seconds(pages: list[bytes], processes: int) -> float:
    """How long ``extract_page`` takes over them in warm processes."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(extract, pages[:processes], chunksize=1)
        started = time.perf_counter()
        pool.map(extract, pages, chunksize=8)
        return time.perf_counter() - started


def extract(page: bytes) -> bool:
    """Whether the page is an article; importable, as processes need it."""
    try:
        return bool(extract_page(page, url="https://courier.example/a", content_type="text/html"))
    except Exception:
        return False
