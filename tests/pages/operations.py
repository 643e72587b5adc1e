"""The tables of metrics and alerts in docs/operations.md.

``python -m tests.pages.operations`` writes them; a test tells when they are out of date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml
from prometheus_client.metrics import Counter, MetricWrapperBase

from pipeline import metrics, resources

PAGE = resources.root() / "docs" / "operations.md"
RULES = resources.root() / "deploy" / "prometheus" / "alerts.yml"


def defined() -> dict[str, MetricWrapperBase]:
    """The metrics of the line, as Prometheus names them, in the order of the module."""
    found = [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    return {_name(each): each for each in found}


def labels(metric: MetricWrapperBase) -> Sequence[str]:
    """The names of its labels."""
    names: Sequence[str] = metric._labelnames
    return names


def _name(metric: MetricWrapperBase) -> str:
    (described,) = metric.describe()
    return f"{described.name}_total" if isinstance(metric, Counter) else described.name


def rules() -> list[dict[str, Any]]:
    """The alert rules, in the order of their file."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metric_table() -> str:
    """A row for each metric."""
    rows = [
        f"| `{name}` | {metric._type} | {', '.join(labels(metric))} | {metric._documentation} |"
        for name, metric in defined().items()
    ]
    return "\n".join(["| metric | type | labels | meaning |", "|---|---|---|---|", *rows, ""])


def alert_table() -> str:
    """A row for each alert."""
    rows = [
        f"| `{rule['alert']}` | {rule['labels']['severity']} | {rule.get('for', 'at once')} "
        f"| {_cell(rule['annotations']['summary'])} | {_cell(rule['annotations']['action'])} |"
        for rule in rules()
    ]
    head = "| alert | severity | after | what it says | what to do |"
    return "\n".join([head, "|---|---|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    """Prometheus's variables for readers: those of labels by name, the value as n."""
    named = re.sub(r"{{ \$labels\.(\w+) }}", r"*\1*", text)
    return re.sub(r"{{ \$value[^}]*}}", "*n*", named)


def page() -> str:
    """The page with the tables as they should be."""
    text = PAGE.read_text("utf-8")
    for name, table in (("metrics", metric_table()), ("alerts", alert_table())):
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
