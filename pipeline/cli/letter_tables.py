"""Dead letters as a table and as lines. What was refused is text, never markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC

from rich.table import Table
from rich.text import Text

from pipeline.cli.tables import printable
from pipeline.letters.summary import LetterSummary
from pipeline.records import DeadLetter


def letters_table(letters: Iterable[LetterSummary]) -> Table:
    """A row for each."""
    table = Table(expand=True, show_lines=True, header_style="bold", border_style="dim")
    table.add_column("when (UTC)", width=10)
    table.add_column("why", ratio=4, min_width=20)
    table.add_column("what", ratio=5, min_width=24, overflow="fold")
    for each in letters:
        why = Text(f"{each.stage}: {each.reason}", style="bold")
        why.append(f"\n{printable(each.detail)}", style="not bold dim")
        size = f"{each.bytes} bytes{', cut' if each.truncated else ''}"
        what = Text("\n".join(filter(None, (each.id, each.source, each.url, size))))
        when = f"{each.failed_at.astimezone(UTC):%Y-%m-%d %H:%M}"
        table.add_row(when, why, Text(printable_lines(what.plain)))
    return table


def letter_lines(letter: DeadLetter) -> Iterator[str]:
    """All of a letter, line by line."""
    yield f"refused by {letter.stage}: {letter.reason}"
    yield printable(letter.detail)
    yield f"when: {letter.failed_at.isoformat()}"
    for name, value in (("place", letter.place), ("key", letter.key), ("address", letter.url)):
        if value:
            yield f"{name}: {printable(value)}"
    for name, data in letter.header_bytes():
        yield f"header {printable(name)}: {printable((data or b'').decode('utf-8', 'replace'))}"
    yield f"sha-256 of the input: {letter.payload_sha256}"
    payload = letter.payload_bytes()
    yield f"input: {len(payload)} bytes{', the rest was cut' if letter.payload_truncated else ''}"
    yield from _input(payload)


def printable_lines(text: str) -> str:
    """Each line of a text as it can be printed."""
    return "\n".join(map(printable, text.splitlines()))


def _input(payload: bytes) -> Iterator[str]:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        yield "(no text: --raw writes its bytes)"
        return
    yield from map(printable, text.splitlines())
