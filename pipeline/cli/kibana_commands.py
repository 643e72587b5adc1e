"""``kibana import`` and ``kibana export``: the dashboards."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError

from pipeline.cli.console import out
from pipeline.errors import ConfigurationError
from pipeline.settings import KibanaSettings, Settings


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(
        help="Put the dashboards for news, statements, feeds and the line into Kibana.",
        rich_markup_mode="rich",
        no_args_is_help=True,
    )
    group.command("import")(import_)
    group.command()(export)
    app.add_typer(group, name="kibana")


def import_(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option(help="Where Kibana is, if not at kibana.url.", show_default=False)
    ] = None,
    space: Annotated[
        str | None, typer.Option(help="The id of a space, if not the default one.")
    ] = None,
    api_key: Annotated[
        str | None, typer.Option(help="Better in PIPELINE_KIBANA__API_KEY: others see this one.")
    ] = None,
    username: Annotated[
        str | None, typer.Option(help="With a password, in place of a key.")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="Better in PIPELINE_KIBANA__PASSWORD: others see this one.")
    ] = None,
) -> None:
    """Put data views, searches, a map and dashboards into Kibana, over those of an earlier import.

    They ask the indices that the settings name; docs/kibana.md says what each of them answers.

    [bold]Examples[/bold]

      pipeline kibana import --url http://kibana:5601

      PIPELINE_KIBANA__API_KEY=... pipeline kibana import --url https://kibana.example --space news
    """
    from pipeline.kibana import ndjson
    from pipeline.kibana.importer import post

    settings: Settings = context.obj
    given = {"url": url, "space": space, "username": username}
    secret = {"api_key": api_key, "password": password}
    chosen = _chosen(settings.kibana, given, secret)
    imported = asyncio.run(post(ndjson(settings.index), chosen))
    out.print(f"{imported.success_count} objects imported into {chosen.url}", soft_wrap=True)


def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; stdout without one.", dir_okay=False)
    ] = None,
) -> None:
    """Write the same objects as NDJSON, to import them by hand: Stack Management, Saved Objects.

    [bold]Examples[/bold]

      pipeline kibana export news-pipeline.ndjson
    """
    from pipeline.kibana import ndjson

    settings: Settings = context.obj
    objects = ndjson(settings.index)
    if file is None:
        sys.stdout.buffer.write(objects)
        sys.stdout.buffer.flush()
        return
    try:
        file.write_bytes(objects)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written: {error.strerror}") from error


def _chosen(
    settings: KibanaSettings, given: dict[str, str | None], secret: dict[str, str | None]
) -> KibanaSettings:
    """The settings with what was given on the command line, checked like them."""
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    changes |= {name: SecretStr(value) for name, value in secret.items() if value is not None}
    if changes.get("username") and "api_key" not in changes:
        changes["api_key"] = None  # a key of the settings would win over the name given here
    try:
        return KibanaSettings.model_validate(settings.model_dump() | changes)
    except ValidationError as error:
        field = error.errors(include_input=False)[0]
        option = str(field["loc"][0]).replace("_", "-")
        raise ConfigurationError(f"--{option}: {field['msg']}") from error
