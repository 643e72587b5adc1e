"""What a campaign tried and found, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from tests.fuzz.campaign import Tally

_ROW = "{:<22} {:>12} {:>10} {:>9} {:>7} {:>10} {:>9}"


def table(tallies: Sequence[Tally]) -> str:
    """A row for each target, and one for all of them; then each fault with its inputs."""
    head = _ROW.format("target", "inputs", "a second", "outcomes", "faults", "slowest", "bytes")
    rows = [_row(each) for each in tallies]
    seconds = sum(each.seconds for each in tallies)
    inputs = sum(each.inputs for each in tallies)
    rate = f"{inputs / seconds:,.0f}" if seconds else "0"
    faults = sum(len(each.faults) for each in tallies)
    total = _ROW.format("all", f"{inputs:,}", rate, "", faults, "", "")
    return "\n".join([head, *rows, total, *_faults(tallies)])


def as_json(tallies: Sequence[Tally], seed: int) -> str:
    """The same for programs."""
    inputs = sum(each.inputs for each in tallies)
    found = [asdict(each) | {"per_second": round(each.per_second, 1)} for each in tallies]
    return json.dumps({"seed": seed, "inputs": inputs, "targets": found}, indent=1)


def _row(tally: Tally) -> str:
    slowest = f"{1000 * tally.slowest:.1f} ms"
    return _ROW.format(
        tally.target, f"{tally.inputs:,}", f"{tally.per_second:,.0f}", tally.outcomes,
        len(tally.faults), slowest, f"{tally.slowest_bytes:,}",
    )  # fmt: skip


def _faults(tallies: Sequence[Tally]) -> list[str]:
    return [
        f"FAULT {tally.target}: {key}\n" + "\n".join(f"    {each}" for each in inputs)
        for tally in tallies
        for key, inputs in tally.faults.items()
    ]
