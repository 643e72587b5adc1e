"""``feeds status``: how each feed is doing."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.cli.console import JsonFlag, out, print_json


def status(
    context: typer.Context,
    feeds: Annotated[
        list[str] | None, typer.Argument(metavar="[FEED]...", help="Ids of feeds; all without any.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Show when each feed was polled last, when it is due, how much it brings, and what is wrong.

    The worst come first. A feed is gone when its server says so (410), failing while its polls come
    to nothing, waiting while some of its pages could not be had, or were put off to a later poll
    since the feed took too long; none of these is ever dropped.

    [bold]Examples[/bold]

      pipeline feeds status

      pipeline feeds status courier --json
    """
    from pipeline import bootstrap
    from pipeline.cli.feed_tables import status_table, summary

    found = bootstrap.feed_status(context.obj)
    unknown = set(feeds or ()) - {each.id for each in found}
    if unknown:
        raise typer.BadParameter(f"no such feed: {', '.join(sorted(unknown))}")
    found = [each for each in found if not feeds or each.id in feeds]
    if json:
        print_json(found)
        return
    if found:
        out.print(status_table(found, bootstrap.now()))
    out.print(summary(found))
