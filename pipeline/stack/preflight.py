"""Say what the machine lacks before anything is half done: ``python3 -m pipeline.stack.preflight``.

Each lack is one line with its remedy; with any, the exit code is 3. ``--own-ports`` is for work
that starts servers on ports of its own choice. As root where apt-get is present, Maven is installed
instead of asked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import resources
from pipeline.errors import MissingPrerequisite, PipelineError
from pipeline.stack import distribution, ports, processes
from pipeline.stack.jdk import find_jdk
from pipeline.stack.plan import Plan, read_plan

_GIB = 2**30
# Cold: 0.9 GiB of Python packages, 0.3 GiB of servers with their class data, pip's and Maven's own
# copies, and room for the data. Warm: Elasticsearch stops writing with less than 150 MB left.
_COLD_BYTES = 3 * _GIB
_WARM_BYTES = 1 * _GIB


@dataclass(frozen=True)
class Facts:
    """What was found on the machine."""

    jdk_lack: str | None
    has_maven: bool
    can_install_maven: bool
    programs_present: bool
    taken_ports: tuple[tuple[str, int], ...]
    unwritable: Path | None
    free_bytes: int
    free_where: Path
    installed: bool


def lacks(facts: Facts, *, local: bool) -> tuple[str, ...]:
    """One line with its remedy for each thing that is missing. ``local``: the stack is to run."""
    found = [facts.jdk_lack if local else None, _maven_lack(facts) if local else None]
    found += [
        f"port {port} ({name}) is taken: end the program that holds it, or set another port "
        f"(see config/default.toml)"
        for name, port in facts.taken_ports
    ]
    if facts.unwritable:
        found.append(
            f"{facts.unwritable} is not writable: set PIPELINE_DATA_DIR to a folder of yours"
        )
    found.append(_disk_lack(facts))
    return tuple(lack for lack in found if lack)


def _maven_lack(facts: Facts) -> str | None:
    if facts.has_maven or facts.programs_present or facts.can_install_maven:
        return None
    return "no Maven (mvn) on PATH: install it (Debian and Ubuntu: apt-get install maven)"


def _disk_lack(facts: Facts) -> str | None:
    needed = _WARM_BYTES if facts.programs_present and facts.installed else _COLD_BYTES
    if facts.free_bytes >= needed:
        return None
    return (
        f"{facts.free_bytes / _GIB:.1f} GiB free at {facts.free_where}, {needed / _GIB:.0f} GiB "
        "needed: make room, or set PIPELINE_DATA_DIR to a folder on another disk"
    )


def look(plan: Plan, *, check_ports: bool) -> Facts:
    """The facts of this machine. Changes nothing."""
    existing = _nearest_existing(plan.data_dir)
    places = {existing, _nearest_existing(resources.root())}
    free_bytes, free_where = min((shutil.disk_usage(place).free, place) for place in places)
    return Facts(
        jdk_lack=_jdk_lack(),
        has_maven=shutil.which("mvn") is not None,
        can_install_maven=os.geteuid() == 0 and shutil.which("apt-get") is not None,
        programs_present=distribution.present(plan.servers_dir),
        taken_ports=_taken(plan) if check_ports else (),
        unwritable=None if os.access(existing, os.W_OK | os.X_OK) else existing,
        free_bytes=free_bytes,
        free_where=free_where,
        installed=(resources.root() / ".venv").exists(),
    )


def _nearest_existing(path: Path) -> Path:
    path = path.absolute()
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _jdk_lack() -> str | None:
    try:
        find_jdk()
    except MissingPrerequisite as lack:
        return str(lack)
    return None


def _taken(plan: Plan) -> tuple[tuple[str, int], ...]:
    """Ports that others hold: those of our own running servers are no lack."""
    wanted = [("sample feed", port) for port in (plan.sample_port,) if port is not None]
    for name, server_ports in (
        ("kafka", plan.kafka_ports),
        ("elasticsearch", plan.elasticsearch_ports),
    ):
        if plan.local and processes.recall(plan.data_dir / name / "pid") is None:
            wanted += [(name, port) for port in server_ports]
    return tuple((name, port) for name, port in wanted if not ports.is_free(port))


def _install_maven() -> None:
    """Raises MissingPrerequisite when apt-get cannot."""
    print("Maven is missing: installing it with apt-get", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", "maven"]):
        answer = subprocess.run(
            ["apt-get", *command, "-y"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
    if answer.returncode != 0 or shutil.which("mvn") is None:
        reason = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        raise MissingPrerequisite(f"apt-get could not install Maven: {reason}; install it yourself")


def main(arguments: Sequence[str]) -> int:
    """Check, print every lack on stderr, and return the exit code."""
    try:
        plan = read_plan(os.environ)
        own_ports = "--own-ports" in arguments
        facts = look(plan, check_ports=not own_ports)
        local = plan.local or own_ports
        missing = lacks(facts, local=local)
        if not missing and local and not (facts.has_maven or facts.programs_present):
            _install_maven()
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    for lack in missing:
        print(f"error: {lack}", file=sys.stderr)
    return MissingPrerequisite.exit_code if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
