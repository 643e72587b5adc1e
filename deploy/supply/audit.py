"""Known vulnerabilities of the locked packages: ``make audit``.

Exit code 0: none is known. 1: the table names some. 3: nobody knows, since there were no data: a
package of which vulnerabilities are known for years is asked for as well, and silence about that
one makes all silence worthless.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements/runtime.txt", "requirements/dev.txt", "requirements/model.txt")
KNOWN_BAD = "jinja2==2.4.1"
FOUND, UNKNOWN = 1, 3


def vulnerable(requirements: Path, *options: str) -> list[dict[str, Any]] | None:
    """The packages with known vulnerabilities; None where the check itself failed."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off"]
    command += ["--format", "json", "-r", str(requirements), *options]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return [each for each in packages if each.get("vulns")]


def has_data() -> bool:
    """Whether the source of vulnerabilities knows of any."""
    with tempfile.TemporaryDirectory() as folder:
        known_bad = Path(folder) / "requirements.txt"
        known_bad.write_text(KNOWN_BAD + "\n")
        return bool(vulnerable(known_bad, "--no-deps"))


def main() -> int:
    """Say what is known; the exit code is the module's."""
    if not has_data():
        sys.stderr.write(
            f"no vulnerability data: nothing is known even of {KNOWN_BAD}; nothing was checked. "
            "Run make audit where the package index answers with them\n"
        )
        return UNKNOWN
    results = {lock: vulnerable(ROOT / lock, "--require-hashes") for lock in LOCKS}
    failed = [lock for lock, found in results.items() if found is None]
    if failed:
        sys.stderr.write(f"could not be checked: {', '.join(failed)}\n")
        return UNKNOWN
    lines = {
        f"{each['name']} {each['version']}: {', '.join(v['id'] for v in each['vulns'])}"
        for found in results.values()
        for each in found or ()
    }
    sys.stdout.write("\n".join(sorted(lines) or ["no known vulnerability"]) + "\n")
    return FOUND if lines else 0


if __name__ == "__main__":
    sys.exit(main())
