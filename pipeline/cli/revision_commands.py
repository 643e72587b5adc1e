"""``pipeline revisions``: the versions of an article, and what its source changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.changes import changed, said
from pipeline.cli.console import JsonFlag, out, print_json
from pipeline.cli.tables import day_and_time, printable
from pipeline.cli.view_commands import asked
from pipeline.errors import PipelineError
from pipeline.search.library import Library
from pipeline.search.revisions import RevisionView, Version


def register(app: typer.Typer) -> None:
    """Add this module's command to ``app``."""
    app.command()(revisions)


def revisions(
    context: typer.Context,
    article_id: Annotated[
        str, typer.Argument(metavar="ID", help="An article's id, as pipeline search --json has it.")
    ],
    *,
    diff: Annotated[
        bool, typer.Option("--diff", help="What was changed from each to the next, word by word.")
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Show the versions of an article, as its source corrected it, oldest first.

    With --diff words that were taken out stand in [-these-], those put in for them in {+these+}.

    [bold]Example[/bold]

      pipeline revisions 0123456789abcdef0123456789abcdef --diff
    """
    found = asked(context.obj, lambda library: _read(library, article_id, whole=diff))
    if not found:
        raise PipelineError(f"there is no article {article_id}; see: pipeline search --json")
    if json:
        print_json(found)
        return
    versions = [each.version if isinstance(each, RevisionView) else each for each in found]
    out.print(_versions_table(versions))
    for each in found:
        if isinstance(each, RevisionView) and each.following:
            _print_changes(each)


async def _read(
    library: Library, article_id: str, *, whole: bool
) -> Sequence[Version | RevisionView]:
    versions = await library.versions(article_id)
    if not whole:
        return versions
    views = [await library.revision(article_id, each.revision) for each in versions]
    return [view for view in views if view is not None]


def _versions_table(versions: Sequence[Version]) -> Table:
    table = Table(title=f"{len(versions)} versions" if len(versions) > 1 else "1 version")
    for heading in ("seen (UTC)", "title", "whose word", "revision"):
        table.add_column(heading)
    for each in versions:
        table.add_row(
            day_and_time(each.fetched) if each.fetched else "",
            Text(printable(each.title), style="bold" if each.current else ""),
            each.origin or "",
            str(each.revision),
        )
    return table


def _print_changes(view: RevisionView) -> None:
    out.print()
    out.print(changed(view.title_changes, whole=True), style="bold")
    if any(each.kind != "same" for each in view.text_changes):
        out.print(changed(view.text_changes))
    for heading, quotes in (
        ("statements gone", view.quotes_gone),
        ("statements new", view.quotes_new),
    ):
        for quote in quotes:
            out.print(Text(f"{heading}: ", style="dim").append_text(said(quote)))
