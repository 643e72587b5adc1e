"""How much memory a process takes."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def resident() -> int:
    """Bytes of this process."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


def resident_megabytes(pid: int) -> int:
    """Of another process, from which on its peak is counted anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
    return _megabytes(pid, "VmRSS")


def peak_megabytes(pid: int) -> int:
    """The most of another process since :func:`resident_megabytes`."""
    return _megabytes(pid, "VmHWM")


def _megabytes(pid: int, field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024
