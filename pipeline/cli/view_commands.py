"""``pipeline entity`` and ``pipeline story``: someone over all articles, all copies of a story."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.console import JsonFlag, out, print_json
from pipeline.cli.tables import day_and_time, printable, statements_table
from pipeline.errors import PipelineError
from pipeline.index.client import connect, outage_as_error
from pipeline.search.facets import Count
from pipeline.search.library import Library
from pipeline.search.profile import Profile
from pipeline.search.whole import StoryView
from pipeline.settings import Settings

T = TypeVar("T")

_SHOWN = 8  # values of each count


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(entity)
    app.command()(story)


def entity(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name, in any case and without accents too.")],
    *,
    json: JsonFlag = False,
) -> None:
    """Show someone or something over all articles: roles, whom they speak about and to, the latest.

    [bold]Example[/bold]

      pipeline entity "Ilse Varga"
    """
    found = asked(context.obj, lambda library: library.profile(name))
    if found is None:
        raise PipelineError(f"no article names {name}; find names with: pipeline search --entity")
    if json:
        print_json(found)
        return
    out.print(_counts_table(found))
    if found.latest:
        out.print(statements_table(found.latest))


def story(
    context: typer.Context,
    story_id: Annotated[
        str, typer.Argument(metavar="ID", help="A story's id, as pipeline search --json has it.")
    ],
    *,
    json: JsonFlag = False,
) -> None:
    """Show all copies of a story, in the order in which they were first seen, and how many versions
    each had (see: pipeline revisions)."""
    found = asked(context.obj, lambda library: library.story(story_id))
    if found is None:
        raise PipelineError(f"there is no story {story_id}; see: pipeline search --stories --json")
    if json:
        print_json(found)
    else:
        out.print(_copies_table(found))


def asked(settings: Settings, ask: Callable[[Library], Awaitable[T]]) -> T:
    """What ``ask`` is answered by the index. Raises as :func:`outage_as_error`."""

    async def answer() -> T:
        async with connect(settings.elasticsearch) as client:
            with outage_as_error(settings.elasticsearch):
                return await ask(Library(client, settings.index))

    return asyncio.run(answer())


def _counts_table(profile: Profile) -> Table:
    table = Table(title=Text(printable(profile.name), style="bold"), expand=True)
    table.add_column("what", ratio=1)
    table.add_column("how often", ratio=5)
    table.add_row("articles", str(profile.articles))
    table.add_row("statements", str(profile.statements))
    for label, counts in (
        ("roles", profile.roles.values),
        ("speaks about", profile.about.values),
        ("speaks to", profile.to.values),
        ("spoken about by", profile.by.values),
        ("together with", profile.together_with),
        ("sources", profile.sources.values),
    ):
        if counts:
            table.add_row(label, _counted(counts))
    return table


def _counted(counts: tuple[Count, ...]) -> Text:
    return Text(", ".join(f"{printable(each.value)} ({each.count})" for each in counts[:_SHOWN]))


def _copies_table(view: StoryView) -> Table:
    table = Table(title=f"{view.total} articles", expand=True)
    for heading, ratio in (
        ("first seen (UTC)", 2),
        ("source", 2),
        ("title", 6),
        ("versions", 1),
        ("id", 3),
    ):
        table.add_column(heading, ratio=ratio)
    for copy in view.copies:
        article = copy.article
        table.add_row(
            day_and_time(article.first_seen),
            Text(printable(article.source), style="bold" if copy.first else ""),
            Text(printable(article.title)),
            str(len(copy.versions)),
            article.id,
        )
    return table
