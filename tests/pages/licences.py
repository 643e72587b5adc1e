"""The licences of all that is installed with the pipeline, as docs/licences.md.

``python -m tests.pages.licences`` writes it; tests tell when it is out of date, and when a licence
is none of those that are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import NamedTuple

from pipeline import resources

PAGE = resources.root() / "docs" / "licences.md"
REQUIREMENTS = resources.root() / "requirements"

# Each may be used and passed on beside MIT, as a library that is installed, unchanged.
ALLOWED = (
    "0BSD", "Apache", "BSD", "CC0", "CC-BY", "ISC", "Historical Permission", "HPND", "LGPL",
    "MIT", "MPL", "Mozilla Public", "PSF", "Python Software Foundation", "Python-2.0",
    "Public Domain", "Repoze Public", "Unlicense", "Zlib", "zlib", "ZPL",
)  # fmt: skip

# What asks for more of who passes it on, or forbids a use: never, even beside an allowed one.
_FORBIDDEN = re.compile(r"(?<!L)GPL|GNU (Affero )?General|SSPL|Elastic|Commons Clause|-NC|NonComm")

_HEAD = """# Licences

Made from what each installed package says of itself (`make docs`). The pipeline itself is under
[MIT](../LICENSE). The local servers are no part of it: they are fetched when `pipeline up` asks
for them. Kafka is under Apache-2.0; Elasticsearch under AGPL-3.0, SSPL-1.0 or the Elastic License
2.0, as you choose; the modules of its security, which tests alone fetch, under the Elastic License
2.0.

| package | version | licence |
|---|---|---|
"""


class Licensed(NamedTuple):
    """A package, and the licence that it states."""

    name: str
    version: str
    licence: str


def pinned() -> list[str]:
    """The packages of the locks that are installed with the pipeline."""
    text = "".join((REQUIREMENTS / f"{kind}.txt").read_text() for kind in ("runtime", "model"))
    return sorted(set(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", text, flags=re.MULTILINE)))


def installed() -> Iterator[Licensed]:
    """Those of them that this platform and Python install."""
    for name in pinned():
        try:
            found = distribution(name)
        except PackageNotFoundError:  # for another platform
            continue
        yield Licensed(name, found.version, licence_of(found))


def licence_of(found: Distribution) -> str:
    """As the package states it: an expression, or its classifiers, or a line of text."""
    said = found.metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    classifiers = [each for each in said.get_all("Classifier", []) if each.startswith("License ::")]
    named = [each.rpartition(" :: ")[2] for each in classifiers]
    named = [each for each in named if each != "OSI Approved"]
    line = str(said.get("License") or "").strip().partition("\n")[0][:60]
    return "; ".join(named) or line


def is_allowed(licence: str) -> bool:
    """Whether it, or one to be chosen instead, is among the allowed, with no part forbidden."""
    return any(
        any(each in choice for each in ALLOWED) and not _FORBIDDEN.search(choice)
        for choice in licence.split(" OR ")
    )


def page() -> str:
    """The page as it should be."""
    rows = (f"| {each.name} | {each.version} | {each.licence} |\n" for each in installed())
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
