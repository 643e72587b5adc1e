"""Which feeds are followed: config/feeds.toml, and the sample feed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec

from pipeline.errors import ConfigurationError
from pipeline.feeds.canonical import parse_url
from pipeline.settings import MAX_REVISIT_HOURS, MAX_REVISITS, Settings

SAMPLE_ID = "sample"
INGEST_ID = "ingest"  # the feed id of articles that came from files
MAX_SITES = 50


class Subscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A feed to follow. config/feeds.toml explains the fields."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
    url: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")] | None = None
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")] | None = None
    poll_interval_seconds: Annotated[float, msgspec.Meta(gt=0)] | None = None
    revisit_hours: (
        Annotated[
            tuple[Annotated[float, msgspec.Meta(gt=0, le=MAX_REVISIT_HOURS)], ...],
            msgspec.Meta(max_length=MAX_REVISITS),
        ]
        | None
    ) = None
    sites: Annotated[tuple[str, ...], msgspec.Meta(max_length=MAX_SITES)] = ()
    first_poll_max_age_days: Annotated[float, msgspec.Meta(ge=0, le=36_500)] | None = None
    allow_private_addresses: bool = False
    quota_factor: Annotated[float, msgspec.Meta(gt=0, le=1_000)] = 1.0
    obey_robots: bool = True
    enabled: bool = True

    def __post_init__(self) -> None:
        if parse_url(self.url) is None:
            raise ValueError("url is no http or https address")
        for site in self.sites:
            if parse_url(_address_of(site)) is None:
                raise ValueError(f"sites: {site!r} is no host and no http or https address")

    @property
    def speakers(self) -> tuple[str, ...]:
        """The addresses whose publisher the feed speaks for: its own, and those of ``sites``."""
        return (self.url, *map(_address_of, self.sites))


def _address_of(site: str) -> str:
    return site if "://" in site else f"https://{site}/"


def load_subscriptions(path: Path) -> tuple[Subscription, ...]:
    """The enabled feeds of a file like config/feeds.toml. Raises what read_subscriptions raises."""
    return tuple(each for each in read_subscriptions(path) if each.enabled)


def read_subscriptions(path: Path) -> tuple[Subscription, ...]:
    """All feeds of a file like config/feeds.toml, enabled or not.

    Raises ConfigurationError naming the feed that is wrong.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
    listed = document.get("feeds", [])
    if not isinstance(listed, list) or document.keys() - {"feeds"}:
        raise ConfigurationError(f"{path}: holds [[feeds]] tables and nothing else")
    subscriptions = [_subscription(table, path, n) for n, table in enumerate(listed, start=1)]
    _check_unique(subscriptions, path)
    return tuple(subscriptions)


class FeedsFile:
    """Tells when a file has changed since it was last looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before = self._look()

    def has_changed(self) -> bool:
        """Whether it has; a file that is gone for the moment has not."""
        found = self._look()
        if found is None or found == self._before:
            return False
        self._before = found
        return True

    def _look(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size


def sample_subscription(settings: Settings) -> Subscription:
    """The feed that comes with the project, as `pipeline run` serves it on loopback."""
    return Subscription(
        id=SAMPLE_ID,
        url=f"http://127.0.0.1:{settings.sample.port}/feed.xml",
        name="The Talvera Reader",
        language=None,
        first_poll_max_age_days=0,  # its news is as old as the project
        allow_private_addresses=True,
    )


def _subscription(table: Any, path: Path, number: int) -> Subscription:
    named = table.get("id") if isinstance(table, dict) else None
    subject = f"{path}: feed {named!r}" if named else f"{path}: feed number {number}"
    try:
        subscription = msgspec.convert(table, Subscription)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{subject}: {error}") from error
    if subscription.id in {SAMPLE_ID, INGEST_ID}:
        raise ConfigurationError(f"{subject}: this id is the project's own, choose another")
    return subscription


def _check_unique(subscriptions: list[Subscription], path: Path) -> None:
    seen: set[str] = set()
    for subscription in subscriptions:
        if subscription.id in seen:
            raise ConfigurationError(f"{path}: two feeds have the id {subscription.id!r}")
        seen.add(subscription.id)
