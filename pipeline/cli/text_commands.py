"""``pipeline enrich``: who said what in a text, with no service running."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.cli.console import JsonFlag, err, out, print_json, print_json_line
from pipeline.cli.tables import printable
from pipeline.cli.text_lines import (
    Annotate,
    annotator,
    enrich_lines,
    read_lines,
    result,
)
from pipeline.cli.text_tables import print_annotations
from pipeline.enrich import TextInput, detect_language
from pipeline.enrich.model import instead
from pipeline.enrich.step import is_annotated, no_model
from pipeline.errors import Rejected
from pipeline.records import Annotations, Reason
from pipeline.settings import EnrichSettings


def register(app: typer.Typer) -> None:
    """Add ``enrich`` to ``app``."""
    app.command("enrich")(enrich)


def enrich(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Text files; standard input without any.")
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Lines of {"id", "text", "title"?} in, lines of JSON out.'),
    ] = False,
    as_json: JsonFlag = False,
    model: Annotated[
        str | None, typer.Option(help="A spaCy package or folder, for texts in its language.")
    ] = None,
) -> None:
    """Find who said what, and who and what is named, in texts of any language that has a
    model. Needs no service.

    With --jsonl the order is kept, all cores work, and a line that cannot be used becomes
    {"id", "error": {"reason", "detail"}}.

    [bold]Examples[/bold]

      pipeline enrich article.txt

      pipeline enrich --json article.txt

      pipeline enrich --jsonl < articles.jsonl > found.jsonl
    """
    settings: EnrichSettings = context.obj.enrich
    if model is not None:
        settings = settings.model_copy(update={"models": instead(settings.models, model)})
    with ExitStack() as stack:
        inputs = [(str(f), stack.enter_context(_open(f))) for f in files or ()]
        inputs = inputs or [("-", sys.stdin.buffer)]
        if jsonl:
            _enrich_lines([file for _, file in inputs], settings)
        else:
            _enrich_files(inputs, settings, as_json=as_json)


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from error


def _enrich_lines(files: list[IO[bytes]], settings: EnrichSettings) -> None:
    with _progress() as advance:

        def write(line: dict[str, Any]) -> None:
            print_json_line(line)
            advance()

        items = read_lines(files, settings.max_text_chars)
        asyncio.run(enrich_lines(items, settings, write))


@contextmanager
def _progress() -> Iterator[Any]:
    """Counts texts on a terminal; how many there will be, a stream does not say."""
    if not err.is_terminal:
        yield lambda: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.completed:.0f} texts"), TimeElapsedColumn())
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("enrich", total=None)
        yield lambda: progress.advance(task)


def _enrich_files(
    inputs: list[tuple[str, IO[bytes]]], settings: EnrichSettings, *, as_json: bool
) -> None:
    """Exit code 1 when a file could not be used; the others are done all the same."""

    async def run() -> int:
        refused = 0
        async with annotator(settings, several=False) as annotate:
            for name, file in inputs:
                try:
                    text = _read(file, settings.max_text_chars)
                    found = await _found(text, annotate, settings.models)
                    _show(name, *found, as_json=as_json)
                except Rejected as why:
                    refused += 1
                    err.print(f"{printable(name)}: {why}", markup=False, soft_wrap=True)
        return refused

    if asyncio.run(run()):
        raise typer.Exit(1)


async def _found(
    text: str, annotate: Annotate, models: Collection[str]
) -> tuple[str | None, Annotations | None]:
    """The language of a text and what is in it. Raises Rejected for what cannot be annotated."""
    language = detect_language(text)
    if not is_annotated(language, models):
        return language, None
    outcome = (await annotate([TextInput(text, language=language)]))[0]
    if isinstance(outcome, Rejected):
        raise outcome
    return language, outcome


def _show(name: str, language: str | None, outcome: Annotations | None, *, as_json: bool) -> None:
    if as_json:
        print_json(result(name, outcome, language))
    elif outcome is None:
        err.print(f"{printable(name)}: {no_model(language)}", markup=False, soft_wrap=True)
    else:
        print_annotations(out, outcome)


def _read(file: IO[bytes], max_chars: int) -> str:
    """Raises Rejected for what is no text, none at all, or too long."""
    data = file.read(4 * max_chars + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(Reason.UNREADABLE_FILE, f"not UTF-8 at byte {error.start}") from error
    if len(text) > max_chars:
        raise Rejected(Reason.TOO_LARGE, f"over {max_chars} characters")
    if not text.strip():
        raise Rejected(Reason.EMPTY_TEXT, "no text")
    return text
