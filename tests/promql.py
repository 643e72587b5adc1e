"""What a PromQL query asks for, read by a parser of the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import promql_parser

Labels = frozenset[str]


class Series(NamedTuple):
    """A selector: its name, what its labels have to match, and the functions around it, the
    outermost first."""

    name: str
    matched: Mapping[str, str]
    within: tuple[str, ...]


class Grouping(NamedTuple):
    """Labels by which series are added up or matched, and the names of these series."""

    labels: Labels
    series: Labels


class Query(NamedTuple):
    series: tuple[Series, ...]
    groupings: tuple[Grouping, ...]


def read(query: str) -> Query:
    """Raises ValueError for what is no PromQL. Grafana's own interval is taken for 5 minutes."""
    tree = promql_parser.parse(query.replace("$__rate_interval", "5m"))
    return Query(tuple(_series(tree, ())), tuple(_groupings(tree)))


def alternatives(pattern: str) -> set[str]:
    """The values that a matcher lists; none where it is a pattern."""
    values = set(pattern.split("|"))
    return values if all(re.fullmatch(r"[\w-]*", value) for value in values) else set()


def _parts(node: Any) -> Iterator[Any]:
    """The expressions below one."""
    for name in ("lhs", "rhs", "expr", "vector_selector"):
        if (part := getattr(node, name, None)) is not None:
            yield part
    yield from getattr(node, "args", ())


def _series(node: Any, within: tuple[str, ...]) -> Iterator[Series]:
    if isinstance(node, promql_parser.VectorSelector):
        matched = {each.name: each.value for each in node.matchers.matchers}
        yield Series(node.name, matched, within)
    inner = (*within, node.func.name) if isinstance(node, promql_parser.Call) else within
    for part in _parts(node):
        yield from _series(part, inner)


def _groupings(node: Any) -> Iterator[Grouping]:
    modifier = getattr(node, "modifier", None)
    named = getattr(modifier, "matching", modifier)
    if named is not None:
        below = frozenset(each.name for each in _series(node, ()))
        yield Grouping(frozenset(named.labels), below)
    for part in _parts(node):
        yield from _groupings(part)
