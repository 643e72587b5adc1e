"""``python -m tests.chaos soak --minutes 60 --seed 1 --out FOLDER``, and ``chaos``."""

from __future__ import annotations

import argparse
import faulthandler
import os
import signal
import tempfile
from pathlib import Path

import msgspec

from tests.chaos.chaos import good, run_chaos
from tests.chaos.report import chaos_page, memory_picture, soak_page
from tests.chaos.soak import run_soak


def main() -> int:
    """The exit code: 0 where everything holds, 1 where something does not."""
    for name in [name for name in os.environ if name.startswith("PIPELINE_")]:
        del os.environ[name]
    faulthandler.register(signal.SIGUSR1)  # where it stands, on standard error
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="news-chaos-", ignore_cleanup_errors=True) as kept:
        folder = Path(given.keep or kept).absolute()
        if given.command == "soak":
            return _soak(given, folder)
        return _chaos(given, folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--seed", type=int, default=1, help="of the plan and all that is made")
    shared.add_argument("--out", type=Path, default=Path(".data/chaos"), help="for the results")
    shared.add_argument("--keep", type=Path, help="a folder for logs and data, kept at the end")
    commands = parser.add_subparsers(dest="command", required=True)
    soak = commands.add_parser("soak", parents=[shared], help="minutes under random faults")
    soak.add_argument("--minutes", type=float, default=60.0)
    chaos = commands.add_parser("chaos", parents=[shared], help="every fault by itself")
    chaos.add_argument("--only", help="the names of some scenarios, with commas")
    return parser.parse_args()


def _soak(given: argparse.Namespace, folder: Path) -> int:
    result, memory = run_soak(given.minutes, given.seed, folder)
    page = soak_page(result)
    (given.out / "result.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    (given.out / "result.md").write_text(page)
    (given.out / "memory.svg").write_text(memory_picture(memory.points))
    print(page.partition("## Every fault")[0])
    return 0 if result.good else 1


def _chaos(given: argparse.Namespace, folder: Path) -> int:
    rows = []
    for row in run_chaos(given.seed, given.only, folder):
        rows.append(row)
        holds = "skipped" if row.skipped else "holds" if row.ok else "DOES NOT HOLD"
        print(f"{row.took:5.0f} s  {row.fault}: {holds}: {row.happened}", flush=True)
        (given.out / "chaos.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
        (given.out / "chaos.md").write_text(chaos_page(given.seed, rows))
    return 0 if good(rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
