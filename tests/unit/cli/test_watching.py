"""Watching a line: a search that fails must not stop what it watches."""

from __future__ import annotations

import pytest

from pipeline import settings
from pipeline.cli.watching import Watcher
from pipeline.runner.counts import Counts
from pipeline.runner.line import Lags, Snapshot
from tests.stacks import free_ports, updated


def test_findings_that_cannot_be_had_are_said_once_and_the_line_goes_on(
    capfd: pytest.CaptureFixture[str],
) -> None:
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}"
    chosen = updated(settings.load(), {"elasticsearch": {"hosts": (nowhere,)}})
    drained = Snapshot(
        counts=Counts(polled=1000), lags=Lags(enrich=0, index=0), restarts=0, seconds=1.0
    )
    with Watcher(chosen, tell=True) as watcher:
        watcher(drained)
        watcher(drained)
    said = capfd.readouterr().err
    assert said.count("no answer") == said.count("monitoring") == 1
