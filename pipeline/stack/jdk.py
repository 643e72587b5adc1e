"""Find a Java development kit where they usually lie, not only on PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import MissingPrerequisite

MINIMUM = 21
# Elasticsearch's modules are resolved with jdk.jlink, which runtimes cut to size lack.
_TOOLS = ("java", "javac", "jar", "jlink")
_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/*",
    "/opt/java/*",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
)


@dataclass(frozen=True)
class Jdk:
    """A full JDK: its folder and its full version, such as ``25.0.3+9-LTS``."""

    home: Path
    version: str

    @property
    def major(self) -> int:
        """The feature release: 25 of ``25.0.3``."""
        return major_version(self.version)

    def tool(self, name: str) -> str:
        """The path of one of its programs."""
        return str(self.home / "bin" / name)


def find_jdk(minimum: int = MINIMUM, homes: Iterable[Path] | None = None) -> Jdk:
    """The first full JDK of at least ``minimum``: JAVA_HOME, PATH, then the newest elsewhere.

    Raises MissingPrerequisite with the remedy, naming the newest one that was found instead.
    """
    found = [jdk for home in homes or usual_homes(os.environ) if (jdk := inspect(home))]
    for jdk in found:
        if jdk.major >= minimum:
            return jdk
    newest = max(found, key=lambda jdk: jdk.major, default=None)
    instead = f"; the newest found is {newest.version} in {newest.home}" if newest else ""
    raise MissingPrerequisite(
        f"no JDK {minimum} or newer{instead}: install one (a full JDK, such as Temurin {minimum}) "
        "or set JAVA_HOME to its folder"
    )


def usual_homes(environment: Mapping[str, str]) -> Iterator[Path]:
    """Folders that may be a JDK, the preferred first; most of them are not."""
    if named := environment.get("JAVA_HOME"):
        yield Path(named)
    if java := shutil.which("java", path=environment.get("PATH")):
        yield Path(java).resolve().parent.parent
    elsewhere = {home.resolve() for pattern in _FOLDERS for home in _matches(pattern)}
    yield from sorted(elsewhere, key=_release_order, reverse=True)


def _matches(pattern: str) -> Iterator[Path]:
    path = Path(pattern).expanduser()
    return Path(path.anchor).glob(str(path.relative_to(path.anchor)))


def _release_order(home: Path) -> tuple[int, str]:
    version = _from_release_file(home)
    return (major_version(version) if version else 0, str(home))


def inspect(home: Path) -> Jdk | None:
    """The JDK in this folder, or None if there is no full one."""
    if not all(os.access(home / "bin" / tool, os.X_OK) for tool in _TOOLS):
        return None
    version = _from_release_file(home) or _from_running(home)
    return Jdk(home, version) if version else None


def _from_release_file(home: Path) -> str | None:
    try:
        text = (home / "release").read_text(errors="replace")
    except OSError:
        return None
    facts = dict(re.findall(r'^(\w+)="(.*)"$', text, flags=re.MULTILINE))
    return facts.get("JAVA_RUNTIME_VERSION") or facts.get("JAVA_VERSION")


def _from_running(home: Path) -> str | None:
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "([^"]+)"', answer.stderr)
    return match.group(1) if match else None


def major_version(version: str) -> int:
    """The feature release of a Java version: 8 of ``1.8.0_392``, 21 of ``21.0.2+13``, else 0."""
    match = re.match(r"(?:1\.)?(\d+)", version)
    return int(match.group(1)) if match else 0
