"""What a check says of what it found."""

from __future__ import annotations

import io

from rich.console import Console

from pipeline.check.report import EXAMPLES, MEANINGS, Kind, Report, findings, in_both
from pipeline.cli.check_tables import findings_table, summary


def test_every_kind_has_its_words() -> None:
    assert set(MEANINGS) == set(Kind)


def test_findings_come_worst_first_with_some_examples() -> None:
    wrong = {
        Kind.ALERTS: frozenset({"x"}),
        Kind.LOST: frozenset(f"t/0/{n}" for n in range(100)),
        Kind.DOUBLE: frozenset[str](),
    }
    lost, alerts = findings(wrong)
    assert (lost.kind, lost.count, len(lost.examples)) == (Kind.LOST, 100, EXAMPLES)
    assert lost.remedy == "pipeline check --repair"
    assert alerts.kind is Kind.ALERTS


def test_only_what_is_wrong_at_both_looks_is_wrong() -> None:
    first = {Kind.LOST: frozenset("ab"), Kind.DOUBLE: frozenset("c")}
    second = {Kind.LOST: frozenset("bc")}
    assert in_both(first, second) == {Kind.LOST: frozenset("b"), Kind.DOUBLE: frozenset()}


def test_the_summary_tells_what_is_on_its_way() -> None:
    lag = {"enrich": 0, "index": 1_200}
    report = Report(produced=5, indexed=4, dead_letters=1, lag=lag, findings=())
    assert summary(report).endswith("on the way: 1,200 before index; nothing is wrong")


def test_what_examples_hold_is_shown_as_text() -> None:
    (finding,) = findings({Kind.LOST: frozenset({"[red]t/0/1\x1b[31m"})})
    console = Console(file=io.StringIO(), width=200)
    console.print(findings_table([finding]))
    assert isinstance(console.file, io.StringIO)
    assert "[red]t/0/1 [31m" in console.file.getvalue()
