"""What the pipeline consists of, as CycloneDX JSON: ``make sbom`` writes .data/sbom.json.

Packages and models as the locks pin them, and the jars of the local servers. It is not tracked:
everything in it stands in files that are, and it would change with each of them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGET = ROOT / ".data" / "sbom.json"
JARS = ROOT / "deploy" / "local" / "jars.sha256"


def of_lock(kind: str) -> dict[str, Any]:
    """The SBOM of a lock, without what changes from run to run."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", f"requirements/{kind}.txt"]
    command += ["--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def jars(pinned: str) -> Iterator[dict[str, Any]]:
    """A component for each jar of a list of hashes."""
    digests = {Path(name).name: digest for digest, name in map(str.split, pinned.splitlines())}
    for file, digest in digests.items():
        match = re.fullmatch(r"(.+?)-(\d.*)\.jar", file)
        assert match, file
        yield {
            "type": "library",
            "bom-ref": file,
            "name": match.group(1),
            "version": match.group(2),
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }


def sbom() -> dict[str, Any]:
    """All of it."""
    made = of_lock("runtime")
    models = of_lock("model")["components"]
    for each in models:
        each["bom-ref"] = f"model-{each['bom-ref']}"
        each["type"] = "machine-learning-model"
    made["components"] += [*models, *jars(JARS.read_text())]
    for each in made["components"]:
        # Which index a package came from is a matter of the installation; its hashes are not.
        each.pop("externalReferences", None)
        each.pop("description", None)
    return made


def main() -> None:
    """Write it."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(sbom(), indent=2) + "\n")
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
