"""How far the reading of archives is, and what came of it."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.cli.console import err

if TYPE_CHECKING:
    from pipeline.feeds.ingest import IngestCounts


class IngestView:
    """A bar over the files on a terminal; nothing elsewhere."""

    def __init__(self, files: int) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task("reading", total=files)
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since this view was made."""
        return time.monotonic() - self._started

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show(self, counts: IngestCounts) -> None:
        """Show the newest counts."""
        description = f"{counts.articles} articles of {counts.records} records, " + rate(
            counts.records, self.seconds
        )
        done = counts.files + counts.files_known
        self._bar.update(self._task, completed=done, description=description)


def rate(records: int, seconds: float) -> str:
    """Records a second, in words."""
    return f"{records / seconds:.0f}/s" if seconds > 0 else "0/s"


def summary(counts: IngestCounts, seconds: float) -> str:
    """What came of it, in a line, and a second one for what was passed over."""
    files = f"{counts.files} files read"
    if counts.files_known:
        files += f", {counts.files_known} already done (--restart reads them anew)"
    published = f"{counts.articles} articles published, {counts.dead_letters} dead-lettered"
    lines = [f"{published}; {files}; {counts.records} records, {rate(counts.records, seconds)}"]
    if counts.passed_over:
        by_number = sorted(counts.passed_over.items(), key=lambda item: (-item[1], item[0]))
        reasons = ", ".join(f"{reason} {number}" for reason, number in by_number)
        lines.append(f"passed over: {reasons}")
    return "\n".join(lines)
