"""``pipeline enrich --jsonl``: one text a line in, one line of annotations out, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import chain, islice
from typing import IO, Any, TypeAlias

import msgspec

from pipeline.cli.json_lines import line_id, numbered_lines
from pipeline.enrich import Enricher, ModelPool, Outcome, TextInput, detect_language
from pipeline.enrich.salience import weigh
from pipeline.enrich.step import is_annotated, no_model
from pipeline.errors import Rejected
from pipeline.records import Reason
from pipeline.settings import EnrichSettings

MAX_LINE_BYTES = 16 * 1024 * 1024
# Below this many texts a second process would take longer to load its model than to help.
FEW = 24

Write: TypeAlias = Callable[[dict[str, Any]], None]
Annotate: TypeAlias = Callable[[list[TextInput]], Any]


class TextLine(msgspec.Struct, frozen=True):
    """A line of input; other fields are passed over."""

    id: str | int
    text: str
    title: str | None = None


Item: TypeAlias = tuple[str | int, TextLine | Rejected]

_decoder = msgspec.json.Decoder(TextLine)


def read_lines(files: Iterable[IO[bytes]], max_chars: int) -> Iterator[Item]:
    """Each line with its id; a Rejected stands for one that cannot be used. Empty lines are passed
    over; where a line's id cannot be read it is ``line N``."""
    for number, line in numbered_lines(files, MAX_LINE_BYTES):
        yield _item(line, number, max_chars)


def _item(line: bytes, number: int, max_chars: int) -> Item:
    if len(line) > MAX_LINE_BYTES:
        return f"line {number}", Rejected(Reason.TOO_LARGE, f"over {MAX_LINE_BYTES} bytes")
    try:
        text = _decoder.decode(line)
    except msgspec.ValidationError as error:
        return line_id(line, number), Rejected(Reason.SCHEMA, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"line {number}", Rejected(Reason.UNDECODABLE, "not a line of JSON")
    if not text.text.strip():
        return text.id, Rejected(Reason.EMPTY_TEXT, "no text")
    if len(text.text) > max_chars:
        return text.id, Rejected(Reason.TOO_LARGE, f"over {max_chars} characters")
    return text.id, text


async def enrich_lines(items: Iterator[Item], settings: EnrichSettings, write: Write) -> None:
    """Annotate all items, each written as soon as it and all before it are done."""
    head = list(islice(items, FEW))
    several = len(head) == FEW
    async with annotator(settings, several=several) as annotate:
        rest = chain(head, items)
        while batch := list(islice(rest, settings.batch_size)):
            for result in await _results(batch, annotate, settings.models):
                write(result)


@asynccontextmanager
async def annotator(settings: EnrichSettings, *, several: bool) -> AsyncIterator[Annotate]:
    """Annotates in this process, or in several where there is much to do."""
    if not several:
        enricher = Enricher(settings.models)

        async def annotate(texts: list[TextInput]) -> list[Outcome]:
            return enricher.annotate(texts)

        yield annotate
        return
    pool = ModelPool(
        settings.models,
        processes=settings.process_count,
        text_timeout=settings.text_timeout_seconds,
        texts_per_process=settings.texts_per_process,
    )
    await pool.start()
    try:
        yield pool.annotate
    finally:
        await pool.close()


async def _results(
    batch: list[Item], annotate: Annotate, models: Collection[str]
) -> list[dict[str, Any]]:
    lines = {n: item for n, (_, item) in enumerate(batch) if isinstance(item, TextLine)}
    languages = {number: detect_language(line.text) for number, line in lines.items()}
    wanted = [n for n, language in languages.items() if is_annotated(language, models)]
    found = await annotate([TextInput(lines[n].text, languages[n]) for n in wanted])
    outcomes = {
        n: outcome if isinstance(outcome, Rejected) else weigh(outcome, lines[n].title or "")
        for n, outcome in zip(wanted, found, strict=True)
    }
    return [
        result(
            key, item if isinstance(item, Rejected) else outcomes.get(number), languages.get(number)
        )
        for number, (key, item) in enumerate(batch)
    ]


def result(key: str | int, outcome: Outcome | None, language: str | None) -> dict[str, Any]:
    """One line of output; None stands for a language that is not annotated."""
    if isinstance(outcome, Rejected):
        return {"id": key, "error": {"reason": str(outcome.reason), "detail": outcome.detail}}
    line: dict[str, Any] = {"id": key, "language": language}
    if outcome is None:
        return line | {"not_annotated": no_model(language), "entities": [], "statements": []}
    return line | {"entities": outcome.entities, "statements": outcome.statements}
