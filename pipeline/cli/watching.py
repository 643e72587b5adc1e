"""Watches a line for a person: progress, and what was found once it has gone through."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pipeline.bootstrap import followed
from pipeline.cli.console import err
from pipeline.cli.findings import print_findings
from pipeline.cli.progress import ProgressView
from pipeline.errors import ServiceUnavailable
from pipeline.runner.line import Snapshot, settled
from pipeline.settings import Settings


class Watcher:
    """Called with each snapshot. With ``tell``, the first poll's findings are printed too."""

    def __init__(self, settings: Settings, *, tell: bool) -> None:
        self._settings = settings
        self._view = ProgressView(err)
        self._tell = tell
        self._feeds = len(followed(settings, sample=settings.sample.enabled))

    def __enter__(self) -> Self:
        self._view.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._view.stop()

    def __call__(self, snapshot: Snapshot) -> None:
        self._view.show(snapshot)
        if self._tell and settled(snapshot, self._feeds):
            self._tell = False
            self._view.stop()
            try:
                print_findings(self._settings, snapshot.counts)
            except ServiceUnavailable as error:  # the line waits that out; so does who watches it
                err.print(str(error), markup=False, soft_wrap=True)
            page = f"http://{self._settings.api.listen}/"
            err.print(f"monitoring, with the page at {page} ; stop with Ctrl-C", markup=False)
            self._view.start()
