"""``python -m tests.attack crowd --minutes 10 --good 1000 --hostile 10000``, and ``threats``."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import msgspec
import pytest

from tests.attack.crowd import Crowd, run_crowd
from tests.attack.threats import named_tests


def main() -> int:
    """The exit code: 0 where everything holds, 1 where something does not."""
    for name in [name for name in os.environ if name.startswith("PIPELINE_")]:
        del os.environ[name]
    given = _arguments()
    if given.command == "threats":
        return int(pytest.main(["-q", *named_tests()]))
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="news-attack-", ignore_cleanup_errors=True) as kept:
        crowd = Crowd(good=given.good, hostile=given.hostile, minutes=given.minutes)
        result = run_crowd(crowd, Path(given.keep or kept).absolute())
    text = msgspec.json.format(msgspec.json.encode(result)).decode()
    (given.out / "crowd.json").write_text(text)
    print(text)
    print(f"later: {result.later:.3f}; {', '.join(result.faults) or 'all holds'}")
    return 1 if result.faults else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("threats", help="every test that docs/THREATS.md names")
    crowd = commands.add_parser("crowd", help="hostile feeds among good ones, on a real line")
    crowd.add_argument("--minutes", type=float, default=10.0, help="of each of the two phases")
    crowd.add_argument("--good", type=int, default=1_000)
    crowd.add_argument("--hostile", type=int, default=10_000)
    crowd.add_argument("--out", type=Path, default=Path(".data/attack"), help="for the result")
    crowd.add_argument("--keep", type=Path, help="a folder for logs and data, kept at the end")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
