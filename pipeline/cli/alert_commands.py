"""``pipeline alerts``: saved searches, whom they tell, and what became of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace
from rich.markup import escape

from pipeline.cli.console import JsonFlag, err, out, print_json
from pipeline.cli.search_commands import (
    AssertedFlag,
    CountryOption,
    EntityOption,
    KindOption,
    LanguageOption,
    LimitOption,
    RoleOption,
    SinceOption,
    SourceOption,
    SpeakerOption,
    StoriesFlag,
    TypeOption,
    UntilOption,
    Words,
    show_articles,
    show_statements,
)
from pipeline.errors import PipelineError
from pipeline.records.saved_search import About
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.records import SavedSearch

_SECRET_BYTES = 32
_SHOWN = 20

_DELIVER = "Deliver"
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The id, as pipeline alerts list shows it.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")]
AboutOption = Annotated[
    About, typer.Option("--about", help="What to search among.", show_default=True)
]
WebhookOption = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook", help="An address to post to; several may be.", rich_help_panel=_DELIVER
    ),
]
EmailOption = Annotated[
    list[str] | None,
    typer.Option("--email", help="Whom to mail; several may be.", rich_help_panel=_DELIVER),
]
SecretOption = Annotated[
    str | None,
    typer.Option(
        "--secret",
        help="Signs webhooks: env:NEWS_WEBHOOK_..., a variable of the alert worker that holds a "
        "whsec_... of your own. Without: a new one, shown once.",
        rich_help_panel=_DELIVER,
    ),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to ``app``."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Save searches, and be told of new articles and statements that they find.\n\n"
        "By webhook, by e-mail, and as a feed; each find is told once, whatever is restarted. "
        "docs/alerts.md says how.",
    )
    group.command("list")(list_)
    group.command()(add)
    group.command()(remove)
    group.command("test")(try_)
    group.command()(log)
    app.add_typer(group, name="alerts")


def list_(context: typer.Context, json: JsonFlag = False) -> None:
    """List the saved searches, what each asks and whom it tells, and which cannot be asked.

    Secrets are not shown.
    """
    from pipeline import bootstrap
    from pipeline.alerts.searches import shown
    from pipeline.cli.alert_tables import searches_table

    found = asyncio.run(bootstrap.list_searches(context.obj))
    waiting = bootstrap.waiting_searches(context.obj) if found else {}
    if json:
        print_json([shown(search, waiting.get(search.id)) for search in found])
    elif found:
        out.print(searches_table(found, waiting))
    else:
        err.print("No search is saved. See: pipeline alerts add --help")


def add(
    context: typer.Context,
    name: NameArgument,
    query: Words = None,
    *,
    about: AboutOption = "statements",
    speaker: SpeakerOption = None,
    entity: EntityOption = None,
    role: RoleOption = None,
    source: SourceOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    type_: TypeOption = None,
    kind: KindOption = None,
    asserted: AssertedFlag = False,
    stories: StoriesFlag = False,
    webhook: WebhookOption = None,
    email: EmailOption = None,
    secret: SecretOption = None,
    replace_: Annotated[
        bool, typer.Option("--replace", help="Change the search of that name, if there is one.")
    ] = False,
) -> None:
    """Save a search: it is asked of everything that is indexed from now on.

    The options are those of pipeline search and pipeline statements. Without --webhook and --email
    its finds are kept for pipeline alerts log and for its feed.

    \b
    Examples:
      pipeline alerts add "The harbour minister" --speaker "Ilse Varga" --email desk@courier.example
      pipeline alerts add Dams "dam -beaver" --about articles --webhook https://desk.example/hook
    """  # noqa: D301 - the \b keeps the lines of the examples apart
    asked = {
        "text": " ".join(query or ()),
        "speaker": speaker or "",
        "entity": entity or "",
        "role": role or "",
        "source": source or "",
        "country": country or "",
        "language": language or "",
        "since": since or "",
        "until": until or "",
        "type": type_ or "",
        "kind": kind or "",
        "asserted": "true" if asserted else "",
        "stories": "true" if stories else "",
    }
    saved = _save(context.obj, name, about, asked, webhook or [], email or [], secret, replace_)
    out.print(
        f"saved as [bold]{saved.id}[/bold]; see what it finds: pipeline alerts test {saved.id}"
    )
    if saved.emails and not context.obj.alerts.smtp_host:
        err.print("no mail goes out before [alerts] smtp_host is set", markup=False)


def _save(
    settings: Settings,
    name: str,
    about: About,
    asked: dict[str, str],
    urls: list[str],
    emails: list[str],
    secret: str | None,
    replaces: bool,
) -> SavedSearch:
    from pipeline import bootstrap
    from pipeline.alerts import searches

    kept = {each.id: each for each in asyncio.run(bootstrap.list_searches(settings))}
    before = kept.get(searches.slug(name))
    if before is not None and not replaces:
        raise PipelineError(f"there is a search {before.id} already; change it with --replace")
    made: dict[str, str] = {}

    def new_secret() -> str:
        new = bootstrap.webhook_keys(settings).new()
        made[new.kept] = new.told
        return new.kept

    try:
        webhooks = searches.webhooks_of(
            urls,
            secret,
            before,
            new_secret,
            private_hosts=settings.alerts.private_hosts,
        )
        others = {"created_at": before.created_at, "owner": before.owner} if before else {}
        search = searches.made(
            name, about, asked, bootstrap.now(), webhooks=webhooks, emails=emails, **others
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    asyncio.run(bootstrap.save_search(settings, search))
    for each in webhooks:
        if each.secret in made:
            out.print(
                f"secret of {escape(each.url)}: {made[each.secret]}",
                soft_wrap=True,
                highlight=False,
            )
    return search


def remove(context: typer.Context, search_id: IdArgument) -> None:
    """Remove a saved search; what it has found and not yet delivered stays undelivered."""
    from pipeline import bootstrap

    if not asyncio.run(bootstrap.remove_search(context.obj, search_id)):
        raise _unknown(search_id)
    out.print(f"removed {escape(search_id)}")


def try_(
    context: typer.Context,
    search_id: IdArgument,
    limit: LimitOption = _SHOWN,
    json: JsonFlag = False,
) -> None:
    """Show what a saved search finds now among all that is indexed; tells nobody."""
    from pipeline import bootstrap
    from pipeline.alerts.searches import request

    kept = {each.id: each for each in asyncio.run(bootstrap.list_searches(context.obj))}
    if search_id not in kept:
        raise _unknown(search_id)
    search = kept[search_id]
    show = show_articles if search.about == "articles" else show_statements
    try:
        asked = replace(request(search, bootstrap.now()), limit=limit)
    except ValueError as error:
        raise PipelineError(f"{search_id} cannot be asked: {error}; save it anew") from error
    show(context.obj, asked, "json" if json else "table")


def log(
    context: typer.Context,
    search_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of this search only.")
    ] = None,
    limit: LimitOption = _SHOWN,
    json: JsonFlag = False,
) -> None:
    """Show the last alerts, and how far each is on its way to each destination."""
    from pipeline import bootstrap
    from pipeline.cli.alert_tables import log_table

    found = asyncio.run(bootstrap.alert_log(context.obj, limit, search_id))
    if json:
        print_json(found)
    elif found:
        out.print(log_table(found, bootstrap.now()))
    else:
        err.print("No alerts yet.")


def _unknown(search_id: str) -> PipelineError:
    return PipelineError(f"there is no search {search_id}; see: pipeline alerts list")
