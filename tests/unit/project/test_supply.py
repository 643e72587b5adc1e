"""What the pipeline is made of is known, may be used, and is asked after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import resources
from tests.pages import licences, security
from tests.unit.project.test_locks import canonical, pinned

ROOT = resources.root()
FAKE = """
import json, sys
bad = {bad!r}
if "--broken" in bad:
    sys.exit("no answer")
found = []
for line in open(sys.argv[sys.argv.index("-r") + 1]):
    name, pinned, _ = line.partition("==")
    vulns = [{{"id": "X-1"}}] if line.startswith(bad) else []
    found += [{{"name": name, "version": "1", "vulns": vulns}}] if pinned else []
json.dump({{"dependencies": found}}, sys.stdout)
"""
KNOWN_BAD = "jinja2==2.4.1"


def audited(folder: Path, *bad: str) -> subprocess.CompletedProcess[str]:
    """``make audit`` where these packages are known to be vulnerable, and nothing else."""
    (folder / "pip_audit.py").write_text(FAKE.format(bad=bad))
    return subprocess.run(
        [sys.executable, str(ROOT / "deploy/supply/audit.py")],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_silence_of_a_source_that_knows_nothing_is_no_answer(tmp_path: Path) -> None:
    done = audited(tmp_path)
    assert done.returncode == 3
    assert "no vulnerability data" in done.stderr


def test_a_check_that_fails_is_no_answer(tmp_path: Path) -> None:
    assert audited(tmp_path, "--broken").returncode == 3


def test_packages_without_known_vulnerabilities_pass(tmp_path: Path) -> None:
    done = audited(tmp_path, KNOWN_BAD)
    assert (done.returncode, done.stdout) == (0, "no known vulnerability\n")


def test_a_vulnerable_package_is_named(tmp_path: Path) -> None:
    done = audited(tmp_path, KNOWN_BAD, "aiohttp==")
    assert (done.returncode, done.stdout) == (1, "aiohttp 1: X-1\n")


def test_every_licence_is_an_allowed_one() -> None:
    found = list(licences.installed())
    assert len(found) > 80
    assert [each for each in found if not licences.is_allowed(each.licence)] == []


@pytest.mark.parametrize(
    "licence",
    ["", "GPL-3.0-only", "MIT AND AGPL-3.0", "Elastic-2.0", "CC-BY-NC-4.0", "Proprietary"],
)
def test_other_licences_are_refused(licence: str) -> None:
    assert not licences.is_allowed(licence)


def test_the_page_of_licences_names_every_package_that_is_installed() -> None:
    page = licences.PAGE.read_text("utf-8")
    missing = [f"| {e.name} | {e.version} |" for e in licences.installed()]
    assert [row for row in missing if row not in page] == [], "make docs"


def test_the_page_of_rights_is_up_to_date() -> None:
    assert security.page() == security.PAGE.read_text("utf-8"), "python -m tests.pages.security"


def test_the_sbom_has_every_package_model_and_jar_with_its_hash() -> None:
    done = subprocess.run([sys.executable, "deploy/supply/sbom.py"], cwd=ROOT, check=False)
    assert done.returncode == 0
    made = json.loads((ROOT / ".data" / "sbom.json").read_text())
    names = {canonical(each["name"]) for each in made["components"]}
    assert pinned("runtime").keys() | pinned("model").keys() <= names
    jars = (ROOT / "deploy/local/jars.sha256").read_text()
    hashes = {h["content"] for each in made["components"] for h in each.get("hashes", ())}
    assert {line.split()[0] for line in jars.splitlines()} <= hashes
    assert "https://" not in json.dumps(made["components"])
