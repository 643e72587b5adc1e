"""Counts survive the process that made them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pipeline.runner.counts import COUNTS_VARIABLE, read_counts

SCRIPT = (
    "import os; from pipeline.metrics import ARTICLES; "
    "ARTICLES.labels('indexed').inc(3); os.kill(os.getpid(), 9)"
)


def test_the_counts_of_killed_processes_are_in_the_sum(tmp_path: Path) -> None:
    for _ in range(2):
        environment = {**os.environ, COUNTS_VARIABLE: str(tmp_path)}
        subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=False)
    assert read_counts(tmp_path).indexed == 6


def test_a_line_that_has_not_started_has_counted_nothing(tmp_path: Path) -> None:
    assert read_counts(tmp_path).indexed == 0
