"""``make fuzz``: try made inputs on every reader of outside bytes, and say what was found."""

from __future__ import annotations

import argparse
import logging
import resource
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.campaign import run
from tests.fuzz.report import as_json, table
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS

_MEMORY = 6 << 30  # bytes of addresses: what asks for more is a fault, not the machine's trouble


def main() -> int:
    """Fuzz for some minutes. Exits with 1 where a law was broken; its input is in the corpus."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1, help="the same inputs for the same seed")
    parser.add_argument("--target", action="append", help="only this one; may be given again")
    parser.add_argument("--seeds", type=Path, help="a folder TARGET/... of files to begin with")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    arguments = parser.parse_args()
    names = [target.name for target in TARGETS]
    if unknown := set(arguments.target or ()) - set(names):
        parser.error(f"no target {min(unknown)}; there are {', '.join(names)}")
    chosen = [each for each in TARGETS if each.name in (arguments.target or names)]
    _prepare()
    tallies = run(
        chosen,
        seconds=arguments.minutes * 60,
        seed=arguments.seed,
        more_seeds=lambda target: _files(arguments.seeds, target),
    )
    print(table(tallies), flush=True)
    if arguments.json:
        arguments.json.write_text(as_json(tallies, arguments.seed), encoding="utf-8")
    return int(any(tally.faults for tally in tallies))


def _prepare() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


def _files(folder: Path | None, target: Target) -> Sequence[bytes]:
    if folder is None:
        return ()
    files = sorted((folder / target.name).rglob("*"))
    return [file.read_bytes()[: target.longest] for file in files if file.is_file()]


if __name__ == "__main__":
    sys.exit(main())
