"""``pipeline dead-letters``: what was refused, whole, and the way back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.markup import escape

from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.errors import PipelineError
from pipeline.letters.filters import FILTERS, LetterFilter, filter_of
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.letters.desk import LetterDesk

T = TypeVar("T")

_SHOWN = 20
_WHICH = "Which letters"


def _option(name: str) -> object:
    return typer.Option(f"--{name}", help=FILTERS[name], rich_help_panel=_WHICH)


StageOption = Annotated[str | None, _option("stage")]
ReasonOption = Annotated[str | None, _option("reason")]
SinceOption = Annotated[str | None, _option("since")]
UntilOption = Annotated[str | None, _option("until")]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", "--feed", help=FILTERS["source"], rich_help_panel=_WHICH),
]
TopicOption = Annotated[str | None, _option("topic")]
IdOption = Annotated[str | None, _option("id")]
MostOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="At most so many, the newest.", rich_help_panel=_WHICH),
]
DryRunFlag = Annotated[bool, typer.Option("--dry-run", help="Count them, and leave them alone.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="See what was refused, send it back once it can be read, or throw it away.\n\n"
        "A dead letter has its input whole, the reason, and the place it was read from; there is "
        "one for each place.",
    )
    group.command("list")(list_)
    group.command()(show)
    group.command()(replay)
    group.command()(purge)
    app.add_typer(group, name="dead-letters")


def list_(
    context: typer.Context,
    *,
    stage: StageOption = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    topic: TopicOption = None,
    id_: IdOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = _SHOWN,
    json: JsonFlag = False,
) -> None:
    """List dead letters, the newest first, without what they hold.

    \b
    Examples:
      pipeline dead-letters list --stage index --since 24h
      pipeline dead-letters list --feed courier --json
    """  # noqa: D301 - the \b keeps the lines of the examples apart
    from pipeline.cli.letter_tables import letters_table

    wanted = _wanted(stage, reason, since, until, source, topic, id_)
    found = _asked(context.obj, lambda desk: desk.newest(wanted, limit))
    if json:
        print_json(found)
        return
    if found.letters:
        out.print(letters_table(found.letters))
    err.print(f"{found.total} dead letters, {len(found.letters)} shown", markup=False)


def show(
    context: typer.Context,
    letter_id: Annotated[
        str, typer.Argument(metavar="ID", help="The id, as pipeline dead-letters list shows it.")
    ],
    raw: Annotated[
        bool, typer.Option("--raw", help="Write what was refused to stdout, byte for byte.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Show all of a dead letter: reason, place, headers, and what was refused."""
    from pipeline.cli.letter_tables import letter_lines

    letter = _asked(context.obj, lambda desk: desk.show(letter_id))
    if letter is None:
        raise PipelineError(f"there is no dead letter {letter_id}; see: pipeline dead-letters list")
    if raw:
        sys.stdout.buffer.write(letter.payload_bytes())
    elif json:
        print_json(letter)
    else:
        for line in letter_lines(letter):
            out.print(line, markup=False, soft_wrap=True, highlight=False)


def replay(
    context: typer.Context,
    *,
    stage: StageOption = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    topic: TopicOption = None,
    id_: IdOption = None,
    limit: MostOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    dry_run: DryRunFlag = False,
    json: JsonFlag = False,
) -> None:
    """Send messages back to the topic they were read from, whole, and end their letters.

    What is sent twice falls away by its id, so it may be broken off and repeated. What is refused
    again is a letter again. Needs a filter, or --all.
    """
    wanted = _some(_wanted(stage, reason, since, until, source, topic, id_), everything)
    done = _asked(context.obj, lambda desk: desk.replay(wanted, limit, dry_run=dry_run))
    if json:
        print_json(done)
        return
    out.print(f"{done.replayed} {'would be' if dry_run else 'were'} sent back")
    for why, count in done.refused.items():
        err.print(f"{count} stay: each {why}", markup=False)


def purge(
    context: typer.Context,
    *,
    stage: StageOption = None,
    reason: ReasonOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    topic: TopicOption = None,
    id_: IdOption = None,
    limit: MostOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    dry_run: DryRunFlag = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw dead letters away, for good. Needs a filter, or --all."""
    wanted = _some(_wanted(stage, reason, since, until, source, topic, id_), everything)
    if not dry_run and not yes:
        count = _asked(context.obj, lambda desk: desk.purge(wanted, limit, dry_run=True))
        typer.confirm(f"Throw {count} dead letters away?", abort=True)
    count = _asked(context.obj, lambda desk: desk.purge(wanted, limit, dry_run=dry_run))
    out.print(f"{count} {'would be' if dry_run else 'were'} thrown away")


def _wanted(
    stage: str | None,
    reason: str | None,
    since: str | None,
    until: str | None,
    source: str | None,
    topic: str | None,
    id_: str | None,
) -> LetterFilter:
    from pipeline import bootstrap

    given = (stage, reason, since, until, source, topic, id_)
    try:
        return filter_of(dict(zip(FILTERS, given, strict=True)), bootstrap.now())
    except ValueError as error:
        raise typer.BadParameter(escape(str(error))) from error


def _some(wanted: LetterFilter, everything: bool) -> LetterFilter:
    if wanted.is_everything and not everything:
        raise typer.BadParameter("say which: give a filter such as --reason, or --all")
    return wanted


def _asked(settings: Settings, ask: Callable[[LetterDesk], Awaitable[T]]) -> T:
    from pipeline import bootstrap

    async def answer() -> T:
        async with bootstrap.letter_desk(settings) as desk:
            return await ask(desk)

    return asyncio.run(answer())
