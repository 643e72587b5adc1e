"""The servers' programs: fetched once through Maven, checked, laid out, and never changed again.

::

    <servers_dir>/<key>/
        kafka/*.jar
        elasticsearch/   lib/*.jar  modules/transport-netty4/  modules/local/  launcher.jar  native/

The key is the hash of deploy/local, so that another version of anything is another folder; several
stacks share one. A folder under its key is complete: it is made elsewhere and renamed.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from pipeline import resources
from pipeline.disk import is_full, told
from pipeline.errors import MissingPrerequisite, ServiceUnavailable
from pipeline.stack.jdk import MINIMUM, Jdk
from pipeline.stack.locks import Report, exclusive

# In full: a machine without network is told what it could not fetch, not that the goal is unknown.
_COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies"
_PARTIAL = ".partial-"
_TRANSPORT = "transport-netty4"


@dataclass(frozen=True)
class Distribution:
    """The folders of both servers' programs."""

    root: Path

    @property
    def kafka(self) -> Path:
        """Kafka's jars."""
        return self.root / "kafka"

    @property
    def elasticsearch(self) -> Path:
        """Elasticsearch's home."""
        return self.root / "elasticsearch"


def sources() -> Path:
    """Where poms, checksums, Java sources and configuration templates lie."""
    return resources.root() / "deploy" / "local"


def version(server: str) -> str:
    """The version of ``kafka`` or ``elasticsearch`` that the pom names."""
    pom = (sources() / "pom.xml").read_text()
    match = re.search(rf"<{server}\.version>(.+?)</", pom)
    assert match, f"deploy/local/pom.xml names no {server}.version"
    return match.group(1)


def key() -> str:
    """The hash of all that goes into a distribution; configuration templates do not."""
    digest = hashlib.sha256()
    for path in sorted(sources().rglob("*")):
        if (
            path.suffix in {".xml", ".sha256", ".java"}
            or path.name == "plugin-descriptor.properties"
        ):
            digest.update(path.relative_to(sources()).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def present(servers_dir: Path) -> bool:
    """Whether :func:`fetch` has nothing left to do."""
    return (servers_dir / key()).is_dir()


def fetch(servers_dir: Path, jdk: Jdk, report: Report) -> Distribution:
    """The distribution in ``servers_dir``; it is fetched and built if it is not there yet.

    Raises ServiceUnavailable when Maven cannot fetch, MissingPrerequisite when a file is not the
    one that jars.sha256 pins.
    """
    root = servers_dir / key()
    if root.is_dir():
        return Distribution(root)
    with exclusive(servers_dir / ".lock", report):
        if not root.is_dir():
            _remove_leftovers(servers_dir)
            partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=servers_dir))
            try:
                _build(Distribution(partial), jdk, report)
                partial.rename(root)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return Distribution(root)


def _remove_leftovers(servers_dir: Path) -> None:
    """What a killed process left; whoever holds the lock is the only one that builds."""
    for leftover in servers_dir.glob(f"{_PARTIAL}*"):
        shutil.rmtree(leftover)


def _build(target: Distribution, jdk: Jdk, report: Report) -> None:
    names = f"Kafka {version('kafka')} and Elasticsearch {version('elasticsearch')}"
    report(f"fetching {names} through Maven (90 MB, once)")
    jars = target.root / "jars"
    fetch_jars(sources() / "pom.xml", jars, jdk, target.root.parent / "fetch.log")
    check_hashes(jars, (sources() / "jars.sha256").read_text())
    (jars / "kafka").rename(target.kafka)
    _lay_out_elasticsearch(jars, target.elasticsearch)
    shutil.rmtree(jars)
    report("compiling the Elasticsearch launcher")
    _compile(target.elasticsearch, jdk)


def fetch_jars(pom: Path, directory: Path, jdk: Jdk, log: Path) -> None:
    """Have Maven put the jars of a pom's modules into ``directory/<module>``. Raises as
    :func:`fetch`; what came is for :func:`check_hashes` to judge."""
    command = ["mvn", "-B", "-q", "-f", str(pom)]
    command += [_COPY_GOAL, f"-Dservers.directory={directory}"]
    with log.open("w") as output:
        try:
            code = subprocess.run(
                command, stdout=output, stderr=output, env=_maven_environment(jdk), check=False
            ).returncode
        except FileNotFoundError as error:
            raise MissingPrerequisite("no Maven (mvn) on PATH: install it") from error
    if code != 0 and is_full(log.parent):
        raise MissingPrerequisite(f"Maven could not fetch the servers: {told(str(log.parent))}")
    if code != 0:
        reason = first_error(log.read_text(errors="replace"))
        raise ServiceUnavailable(
            f"Maven could not fetch the servers (is there a network?): {reason}; see {log}"
        )


def _maven_environment(jdk: Jdk) -> Mapping[str, str]:
    """Maven runs on the Java it knows; only where there is none does it get ours."""
    if "JAVA_HOME" in os.environ or shutil.which("java"):
        return os.environ
    return {**os.environ, "JAVA_HOME": str(jdk.home)}


def first_error(log: str) -> str:
    """The first error line of a Maven log, without its markup; addresses of servers left out."""
    lines = (re.sub(r"\x1b\[[0-9;]*m", "", line) for line in log.splitlines())
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if "[ERROR]" in line]
    return (errors or ["no error was logged"])[0][:300]


def check_hashes(directory: Path, pinned: str) -> None:
    """Raise MissingPrerequisite unless ``directory`` holds just the jars of a sha256sum list."""
    expected = {name: digest for digest, name in map(str.split, pinned.splitlines())}
    actual = {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*.jar")
    }
    wrong = sorted(
        name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name)
    )
    if wrong:
        raise MissingPrerequisite(
            f"{len(wrong)} jars are not the pinned ones, the first {wrong[0]}: delete it from "
            "Maven's local repository (~/.m2/repository) and try again"
        )


def _lay_out_elasticsearch(jars: Path, home: Path) -> None:
    (home / "native").mkdir(parents=True)
    (jars / "elasticsearch").rename(home / "lib")
    module = home / "modules" / _TRANSPORT
    module.mkdir(parents=True)
    for jar in (jars / _TRANSPORT).iterdir():
        if not (home / "lib" / jar.name).exists():
            jar.rename(module / jar.name)
    _unpack_descriptor(module / f"{_TRANSPORT}-{version('elasticsearch')}.jar", module)


def _unpack_descriptor(jar: Path, module: Path) -> None:
    """The module's descriptor and entitlements lie inside its own jar."""
    folder = f"META-INF/es-plugins/{_TRANSPORT}/"
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if name.startswith(folder) and name != folder:
                (module / Path(name).name).write_bytes(archive.read(name))


def _compile(home: Path, jdk: Jdk) -> None:
    """One jar for the class path, one for the plugin's own class loader."""
    java = sorted(str(path) for path in (sources() / "elasticsearch/java").rglob("*.java"))
    with tempfile.TemporaryDirectory() as classes:
        modules = ["-p", str(home / "lib"), "--add-modules", "ALL-MODULE-PATH"]
        _run_tool([jdk.tool("javac"), "--release", str(MINIMUM), *modules, "-d", classes, *java])
        launcher, module = home / "launcher.jar", home / "modules" / "local"
        module.mkdir()
        _run_tool([jdk.tool("jar"), "cf", str(launcher), "-C", classes, "launcher"])
        _run_tool([jdk.tool("jar"), "cf", str(module / "local.jar"), "-C", classes, "local"])
    name = "plugin-descriptor.properties"
    template = Template((sources() / "elasticsearch" / name).read_text())
    (module / name).write_text(template.substitute(version=version("elasticsearch")))


def _run_tool(command: list[str]) -> None:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        lines = (answer.stderr or answer.stdout).strip().splitlines() or ["no message"]
        raise MissingPrerequisite(f"{command[0]} failed: {lines[0]}; try another JDK (JAVA_HOME)")
