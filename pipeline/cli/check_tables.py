"""The findings of a check as a table."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from pipeline.check.report import Finding, Report
from pipeline.cli.tables import printable


def findings_table(findings: Iterable[Finding]) -> Table:
    """A row for each kind of fault."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("fault")
    table.add_column("count", justify="right")
    table.add_column("what is wrong", ratio=3)
    table.add_column("for example", ratio=2, overflow="fold")
    table.add_column("remedy", ratio=2)
    for finding in findings:
        table.add_row(
            Text(finding.kind, style="red"),
            f"{finding.count:,}",
            finding.what,
            Text(printable(finding.examples[0])),
            finding.remedy,
        )
    return table


def summary(report: Report) -> str:
    """One line: how much there is, and whether it is sound."""
    behind = {station: count for station, count in report.lag.items() if count}
    lag = ", ".join(f"{count:,} before {station}" for station, count in behind.items())
    verdict = "nothing is wrong" if report.sound else f"{len(report.findings)} kinds of faults"
    return (
        f"{report.produced:,} articles went through the line, {report.indexed:,} are indexed, "
        f"{report.dead_letters:,} dead letters are open; on the way: {lag or 'none'}; {verdict}"
    )
