"""``pipeline rights``: what each process may do with Kafka and Elasticsearch, ready to be given."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pipeline.cli.console import err, print_json
from pipeline.errors import ConfigurationError
from pipeline.index.rights import Reach
from pipeline.kafka.rights import Process
from pipeline.settings import Settings

ApplyFlag = Annotated[
    bool,
    typer.Option("--apply", help="Give the rights, as the user of the settings, who may do that."),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Show the least rights that each process needs, or give them (docs/security.md).",
    )
    group.command()(kafka)
    group.command()(elasticsearch)
    app.add_typer(group, name="rights")


def kafka(
    context: typer.Context,
    process: Annotated[
        list[Process] | None, typer.Option(help="Of this one alone; may be repeated.")
    ] = None,
    principal: Annotated[
        str | None,
        typer.Option(help="Who is to have them, as User:name; else User:<group_prefix>-<process>."),
    ] = None,
    apply: ApplyFlag = False,
) -> None:
    """Print the kafka-acls.sh commands that let each process do its work and nothing else.

    With [bold]--apply[/bold] the rights are given at once. What is allowed already, or beside
    them, stays.

    [bold]Examples[/bold]

      pipeline rights kafka > acls.sh

      pipeline rights kafka --process index --principal User:indexer --apply
    """
    from pipeline.kafka import rights
    from pipeline.kafka.grants import grant

    settings: Settings = context.obj
    if principal and not principal.startswith("User:"):
        raise ConfigurationError(f"--principal {principal}: it is written User:name")
    asked = process or list(Process)
    granted = rights.grants(settings.kafka, settings.topics, asked, principal)
    if apply:
        grant(settings.kafka, granted)
        who = len({each.principal for each in granted})
        err.print(f"{len(granted)} rights given to {who} principals", markup=False)
        return
    for line in rights.commands(granted, settings.kafka.bootstrap_servers):
        typer.echo(line)


def elasticsearch(
    context: typer.Context,
    role: Annotated[
        list[Reach] | None, typer.Option(help="This one alone; may be repeated.")
    ] = None,
    apply: ApplyFlag = False,
) -> None:
    """Print the Elasticsearch role of each process, by name, as JSON.

    What stands under a name is a role descriptor: for [bold]PUT /_security/role/NAME[/bold], and
    for [bold]role_descriptors[/bold] of an API key. With [bold]--apply[/bold] the roles are put
    in place; keys are yours to make.

    [bold]Examples[/bold]

      pipeline rights elasticsearch --role reader

      pipeline rights elasticsearch --apply
    """
    from pipeline import bootstrap
    from pipeline.index import rights

    settings: Settings = context.obj
    asked = role or list(Reach)
    roles = {
        rights.role_name(settings.index, each): rights.role(each, settings.index) for each in asked
    }
    if apply:
        asyncio.run(bootstrap.put_roles(settings, roles))
        err.print(f"{len(roles)} roles in place: {', '.join(roles)}", markup=False)
        return
    print_json(roles)
