"""What a run found, and what to try next."""

from __future__ import annotations

import asyncio
import shlex
import sys
from pathlib import Path

from pipeline.cli.console import err, out
from pipeline.cli.progress import poll_notes
from pipeline.cli.tables import statements_table
from pipeline.index.client import connect, outage_as_error
from pipeline.runner.counts import Counts
from pipeline.search import SearchRequest, StatementHit, search_statements
from pipeline.settings import Settings

_SHOWN = 12


def print_findings(settings: Settings, counts: Counts) -> None:
    """Print the newest statements, the counts, and commands that go on from there."""
    statements = asyncio.run(_newest_statements(settings))
    if statements:
        out.print(statements_table(statements))
    err.print(summary(counts), markup=False, soft_wrap=True)
    # One with a role is a person the reader will want to follow, more likely than "officials".
    speaker = next((hit.speaker for hit in statements if hit.speaker and hit.role), None)
    err.print("\n".join(next_steps(_program(), speaker)), markup=False, soft_wrap=True)


def summary(counts: Counts) -> str:
    """One line: what became of every article."""
    polls = poll_notes(counts) or ("all with news" if counts.polled else "none")
    passed = f" ({counts.passed_over} old entries passed over)" if counts.passed_over else ""
    return (
        f"feeds polled: {counts.polled} ({polls}); "
        f"articles published: {counts.published}{passed}, indexed: {counts.indexed}, "
        f"unchanged: {counts.known + counts.unchanged}, duplicate: {counts.duplicate}, "
        f"dead-lettered: {counts.dead_lettered}"
    )


def next_steps(program: str, speaker: str | None) -> list[str]:
    """The commands to try next, ``program`` being how this one was called."""
    steps = [
        f'{program} search "ferry fares"',
        f"{program} serve",
        f"{program} ingest PATH",
        f"{program} --help",
    ]
    if speaker:
        steps.insert(0, f"{program} statements --speaker {shlex.quote(speaker)}")
    return [f"try next (with the servers running: {program} up):", *(f"  {s}" for s in steps)]


def _program() -> str:
    """How to call this program from here."""
    called = Path(sys.argv[0])
    if called.name != "pipeline":
        return "python -m pipeline"
    try:
        return str(called.resolve().relative_to(Path.cwd()))
    except ValueError:
        return "pipeline"


async def _newest_statements(settings: Settings) -> list[StatementHit]:
    client = connect(settings.elasticsearch)
    index = settings.index
    try:
        with outage_as_error(settings.elasticsearch):
            aliases = [index.articles, index.statements]
            await client.indices.refresh(index=aliases, ignore_unavailable=True)
            found = await search_statements(client, index, SearchRequest(limit=_SHOWN))
            return list(found.hits)
    finally:
        await client.close()
