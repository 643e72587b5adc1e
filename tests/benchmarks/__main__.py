"""``make bench``: ratios taken side by side in one run, since machines differ and are shared."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from pipeline.stack import control
from tests.benchmarks.texts import made_texts
from tests.benchmarks.throughput import Throughput, measure
from tests.stacks import line_settings, stack_settings


def main() -> None:
    """Run the benchmark on servers of its own and print its figures."""
    parser = argparse.ArgumentParser(prog="make bench", description=main.__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        servers = stack_settings(Path(folder))
        control.up(servers, print)
        try:
            for run in range(1, arguments.runs + 1):
                texts = made_texts(arguments.articles, seed=run)
                report(run, measure(line_settings(servers), texts))
        finally:
            control.down(servers, print)


def report(run: int, result: Throughput) -> None:
    """Print one line a run."""
    print(
        f"run {run}: {result.articles} articles, {result.words} words, "
        f"{result.processes} model processes: line {result.line:.1f} articles/s, "
        f"bare nlp.pipe {result.bare_model:.1f} articles/s, ratio {result.ratio:.2f}"
    )


if __name__ == "__main__":
    main()
