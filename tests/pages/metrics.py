"""The table of metrics in docs/operations.md.

``python -m tests.pages.metrics`` writes it; a test tells when it is out of date.
"""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client.metrics import Counter, MetricWrapperBase

from pipeline import metrics, resources

PAGE = resources.root() / "docs" / "operations.md"
_BEGIN, _END = "<!-- metrics -->\n", "<!-- /metrics -->\n"


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


def table() -> str:
    """A row for each metric."""
    rows = [
        f"| `{name}` | {metric._type} | {', '.join(labels(metric))} | {metric._documentation} |"
        for name, metric in defined().items()
    ]
    return "\n".join(["| metric | type | labels | meaning |", "|---|---|---|---|", *rows, ""])


def page() -> str:
    """The page with the table as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{table()}{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
