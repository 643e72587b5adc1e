"""The tables of rights in docs/security.md.

``python -m tests.pages.security`` writes them; a test tells when they are out of date.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from pipeline import resources, settings
from pipeline.index import rights as index_rights
from pipeline.index.rights import Reach
from pipeline.kafka import rights as kafka_rights
from pipeline.kafka.rights import Operation, Process, Resource, Right

PAGE = resources.root() / "docs" / "security.md"
_SETTINGS = settings.load()


def kafka_table() -> str:
    """A row for each process."""
    head = "| process | what it runs | READ | WRITE | READ on groups |\n|---|---|---|---|---|\n"
    return head + "".join(_kafka_row(each) for each in Process)


def _kafka_row(process: Process) -> str:
    found = kafka_rights.rights(process, _SETTINGS.kafka, _SETTINGS.topics)
    cells = (
        f"`{process}`",
        kafka_rights.COMMANDS[process],
        _names(found, Resource.TOPIC, Operation.READ),
        _names(found, Resource.TOPIC, Operation.WRITE),
        _names(found, Resource.GROUP, Operation.READ),
    )
    return f"| {' | '.join(cells)} |\n"


def _names(found: Iterable[Right], resource: Resource, operation: Operation) -> str:
    names = sorted(
        each.name for each in found if each.resource is resource and each.operation is operation
    )
    return ", ".join(f"`{name}`" for name in names) or "–"


def role_table() -> str:
    """A row for each role, and the roles themselves."""
    rows = "".join(
        f"| `{index_rights.role_name(_SETTINGS.index, each)}` | {index_rights.USED_BY[each]} |\n"
        for each in Reach
    )
    roles = {
        index_rights.role_name(_SETTINGS.index, each): index_rights.role(each, _SETTINGS.index)
        for each in Reach
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(role)}" for name, role in roles.items())
    return f"| role | whose |\n|---|---|\n{rows}\n```json\n{{\n{lines}\n}}\n```\n"


def page() -> str:
    """The page with the tables as they should be."""
    text = PAGE.read_text("utf-8")
    for name, table in (("kafka", kafka_table()), ("elasticsearch", role_table())):
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
