"""Licences of all that is installed are listed, and none is one that binds who uses it."""

from __future__ import annotations

from tests.pages import licences
from tests.pages.licences import Package, packages, unusual


def test_the_page_is_up_to_date() -> None:
    assert licences.PAGE.read_text("utf-8") == licences.page(), "python -m tests.pages.licences"


def test_every_package_has_a_licence_that_may_be_used() -> None:
    assert [each for each in packages() if unusual(each)] == []


def test_a_licence_that_binds_or_is_unknown_is_found() -> None:
    for licence in ("GPL-3.0-only", "AGPL-3.0-or-later", "Proprietary", "", "SSPL-1.0"):
        assert unusual(Package("x", "1", licence)), licence
    for licence in ("MIT", "BSD-3-Clause AND 0BSD", "Mozilla Public License 2.0 (MPL 2.0)"):
        assert not unusual(Package("x", "1", licence)), licence
