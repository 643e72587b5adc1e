"""A real Elasticsearch with its own security: users, roles and API keys.

Its modules x-pack-core and x-pack-security come through Maven as the servers do, and are laid
beside them. SAML is not to be had so: what of it is named has stand-ins. All else is Elastic's.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from pydantic import SecretStr

from pipeline.settings import Settings
from pipeline.stack import distribution, processes, starting
from pipeline.stack.distribution import Distribution
from pipeline.stack.elasticsearch_server import ElasticsearchServer
from pipeline.stack.jdk import Jdk, find_jdk
from pipeline.stack.locks import exclusive
from pipeline.stack.server import Launch
from tests.stacks import free_ports, updated

_SOURCES = Path(__file__).parent / "servers"
_USER, _PASSWORD = "administrator", "correct horse, battery = staple"
_STOP_SECONDS = 20.0

_CONFIGURATION = """
xpack.security.enabled: true
xpack.security.autoconfiguration.enabled: false
xpack.security.transport.ssl.enabled: false
xpack.security.http.ssl.enabled: false
xpack.security.authc.password_hashing.algorithm: pbkdf2
"""

# Modules that Elastic's name in their own description, and that the registry has not.
_STAND_INS = {
    "x-pack-core": ("org.elasticsearch.xcore.templates",),
    "x-pack-security": (
        "net.shibboleth.utilities.java.support",
        "org.opensaml.core",
        "org.opensaml.saml",
        "org.opensaml.saml.impl",
        "org.opensaml.security",
        "org.opensaml.security.impl",
        "org.opensaml.xmlsec",
        "org.opensaml.xmlsec.impl",
    ),
}
_ANALYSIS = """name=security-analysis
description=What the index of users and keys asks for
version={version}
elasticsearch.version={version}
java.version=21
classname=security.AnalysisForSecurity
"""


@dataclass(frozen=True)
class SecureServer(ElasticsearchServer):
    """The server of the local stack with security switched on, and one user who may do all."""

    def configuration(self, log: Path) -> str:
        return super().configuration(log) + _CONFIGURATION

    def prepare(self, launch: Launch) -> None:
        super().prepare(launch)
        folder = self.data_dir / "config"
        (folder / "users").write_text(f"{_USER}:{_hashed(_PASSWORD)}\n")
        (folder / "users_roles").write_text(f"superuser:{_USER}\n")

    def answers(self) -> bool:
        return self._is_well("/")

    def ready(self) -> bool:
        return self._is_well("/_cluster/health?wait_for_status=yellow&timeout=1s")

    def _is_well(self, path: str) -> bool:
        login = base64.b64encode(f"{_USER}:{_PASSWORD}".encode()).decode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", path, headers={"Authorization": f"Basic {login}"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _hashed(password: str) -> str:
    """As the file of users wants it."""
    salt, rounds = os.urandom(16), 10_000
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, 32)
    encoded = (base64.b64encode(part).decode() for part in (salt, key))
    return f"{{PBKDF2}}{rounds}${'$'.join(encoded)}"


@contextmanager
def administrator(url: str) -> Iterator[Elasticsearch]:
    """A client that may do everything."""
    client = Elasticsearch(url, basic_auth=(_USER, _PASSWORD), max_retries=0)
    try:
        yield client
    finally:
        client.close()


class SecureElasticsearch:
    """How to reach a running :class:`SecureServer`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def settings(self, line: Settings, role: Mapping[str, Any] | None) -> Settings:
        """``line`` with an API key that has just this role; without one, with all rights."""
        access: dict[str, Any] = {"username": _USER, "password": SecretStr(_PASSWORD)}
        if role is not None:
            access = {"api_key": SecretStr(self._key(role))}
        return updated(line, {"elasticsearch": {"hosts": (self.url,), **access}})

    def _key(self, role: Mapping[str, Any]) -> str:
        with administrator(self.url) as client:
            made = client.security.create_api_key(name="test", role_descriptors={"role": role})
        return str(made["encoded"])


@contextmanager
def secure_elasticsearch(chosen: Settings) -> Iterator[SecureElasticsearch]:
    """Start one with its data in ``chosen.data_dir``, and stop it."""
    (port,) = free_ports(1)
    folder = chosen.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    server = SecureServer(folder / "elasticsearch", port, chosen.local.elasticsearch_heap)
    files = starting.Files(folder / "es.pid", folder / "es.log", folder / "es.out")
    jdk = find_jdk()
    launch = Launch(_programs(chosen.servers_dir, jdk), jdk, files.log)
    try:
        starting.start_all([(server, launch, files)], 180.0, print)
        yield SecureElasticsearch(port)
    finally:
        process = processes.recall(files.pid)
        if process is not None:
            processes.stop(process, patience_seconds=_STOP_SECONDS)


def _programs(servers_dir: Path, jdk: Jdk) -> Distribution:
    """The servers with the modules of security, made once."""
    plain = distribution.fetch(servers_dir, jdk, print)
    root = servers_dir / f"secured-{_key()}"
    with exclusive(servers_dir / ".secured.lock", print):
        if not root.is_dir():
            partial = Path(tempfile.mkdtemp(prefix=".secured-", dir=servers_dir))
            try:
                _build(plain, Distribution(partial), jdk)
                partial.rename(root)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return Distribution(root)


def _key() -> str:
    digest = hashlib.sha256(distribution.key().encode())
    for path in (*sorted(_SOURCES.rglob("*.*")), Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _build(plain: Distribution, made: Distribution, jdk: Jdk) -> None:
    jars = made.root / "jars"
    distribution.fetch_jars(_SOURCES / "pom.xml", jars, jdk, made.root.parent / "secured.log")
    distribution.check_hashes(jars, (_SOURCES / "jars.sha256").read_text())
    shutil.copytree(plain.elasticsearch, made.elasticsearch)
    present = {path.name for path in (made.elasticsearch / "lib").iterdir()}
    for name, modules in _STAND_INS.items():
        folder = made.elasticsearch / "modules" / name
        folder.mkdir()
        for jar in (jars / name).iterdir():
            if jar.name not in present:
                jar.rename(folder / jar.name)
                present |= {jar.name} if name == "x-pack-core" else set()
        _unpack_description(next(folder.glob(f"{name}-*.jar")), name)
        for module in modules:
            _stand_in(folder / f"{module}.jar", module)
    shutil.rmtree(jars)
    _compile(made.elasticsearch, jdk)


def _unpack_description(jar: Path, name: str) -> None:
    folder = f"META-INF/es-plugins/{name}/"
    with zipfile.ZipFile(jar) as archive:
        for each in archive.namelist():
            if each.startswith(folder) and each != folder:
                (jar.parent / each.removeprefix(folder)).write_bytes(archive.read(each))


def _stand_in(jar: Path, module: str) -> None:
    with zipfile.ZipFile(jar, "w") as archive:
        manifest = f"Manifest-Version: 1.0\r\nAutomatic-Module-Name: {module}\r\n\r\n"
        archive.writestr("META-INF/MANIFEST.MF", manifest)


def _compile(home: Path, jdk: Jdk) -> None:
    """The types of SAML that are named, into its stand-in; the analysis, into a module."""
    analysis = home / "modules" / "security-analysis"
    analysis.mkdir()
    java = sorted(map(str, (_SOURCES / "java").rglob("*.java")))
    with tempfile.TemporaryDirectory() as classes:
        modules = ["-p", str(home / "lib"), "--add-modules", "ALL-MODULE-PATH"]
        subprocess.run([jdk.tool("javac"), *modules, "-d", classes, *java], check=True)
        jar = home / "modules/x-pack-security/org.opensaml.saml.jar"
        subprocess.run([jdk.tool("jar"), "uf", str(jar), "-C", classes, "org"], check=True)
        jar = analysis / "analysis.jar"
        subprocess.run([jdk.tool("jar"), "cf", str(jar), "-C", classes, "security"], check=True)
    version = distribution.version("elasticsearch")
    (analysis / "plugin-descriptor.properties").write_text(_ANALYSIS.format(version=version))
