"""``serve`` and ``api-key``: the HTTP API and the web page."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pipeline.cli.console import err, out
from pipeline.runner.children import follow_parent
from pipeline.settings import Scope
from pipeline.telemetry.endpoint import Process
from pipeline.telemetry.process import observe


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    app.command()(serve)
    app.command("api-key")(api_key)


def serve(
    context: typer.Context,
    with_parent: Annotated[bool, typer.Option("--follow-parent", hidden=True)] = False,
) -> None:
    """Serve the web page and the HTTP API, until Ctrl-C.

    The address is [api] listen in the settings, by default only for this machine. The API is
    described at /api/v1/openapi.json.
    """
    from pipeline import bootstrap

    observe(context.obj, Process.SERVE)
    if with_parent:
        follow_parent()
    asyncio.run(bootstrap.serve_web(context.obj))


def api_key(
    name: Annotated[str, typer.Argument(help="Whose key it is: a person or a program.")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What it may do; several times for several. Default: search."),
    ] = None,
) -> None:
    """Make a key for the HTTP API. It is shown once; the settings keep only its hash.

    [bold]Example[/bold]

      pipeline api-key desk --scope search --scope export
    """
    from pipeline.web.keys import new_key

    key, sha256 = new_key()
    scopes = ", ".join(f'"{each}"' for each in dict.fromkeys(scope or [Scope.SEARCH]))
    err.print("The key, for Authorization: Bearer ...; it is not shown again:", markup=False)
    out.print(key, markup=False)
    err.print("For the settings:", markup=False)
    lines = ("[[api.keys]]", f'name = "{name}"', f'sha256 = "{sha256}"', f"scopes = [{scopes}]")
    err.print("\n".join(lines), markup=False)
