"""What each process may do with Elasticsearch: a role for each, the least it works with. Pure.

The one place: docs/security.md and ``pipeline rights elasticsearch`` are made of it, and tests run
each process with an API key that has its role and nothing else. Privileges are named as
Elasticsearch names them; where a named one would give more, the action itself is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pipeline.index.names import mending
from pipeline.settings import IndexSettings

Role = dict[str, Any]
"""A role descriptor, as Elasticsearch takes it for a role and for an API key."""


class Reach(StrEnum):
    """The roles there are, and in ``USED_BY`` whose they are."""

    SETUP = "setup"
    INDEX = "index"
    ALERT = "alert"
    HEALTH = "health"
    READER = "reader"
    CHECK = "check"
    REPAIR = "repair"


USED_BY = {
    Reach.SETUP: "`pipeline setup`",
    Reach.INDEX: "`pipeline work index`",
    Reach.ALERT: "`pipeline work alert`",
    Reach.HEALTH: "`pipeline feeds`, `pipeline work enrich`; with `health.interval_seconds = 0` "
    "they need no Elasticsearch",
    Reach.READER: "`pipeline serve`, and the commands that search",
    Reach.CHECK: "`pipeline check`",
    Reach.REPAIR: "`pipeline check --repair`",
}

_IS_THERE = ("cluster:monitor/health", "cluster:monitor/main")
_LOOKS = (*_IS_THERE, "indices:admin/index_template/get")
_PLACES = (*_IS_THERE, "manage_index_templates")
_READ = ("read", "view_index_metadata")
_REFRESH = ("indices:admin/refresh*",)
# What providing an index takes: it is made, its mappings and settings are brought up, and it gets
# its aliases. "manage" would close and split and freeze it as well.
_PROVIDE = (
    "create_index",
    "view_index_metadata",
    "indices:admin/mapping/put",
    "indices:admin/settings/update",
    "indices:admin/aliases",
)
_REMOVE = ("delete_index",)


def role(reach: Reach, settings: IndexSettings) -> Role:
    """The role descriptor of ``reach``."""
    news, health = _names(_news(settings)), _names([settings.health])
    looked_for = _on(_names(map(mending, settings.aliases)), ("view_index_metadata",))
    telling = (_on(health, _READ, ("write",), _PROVIDE), looked_for)
    every = news + health
    whole = (*_READ, "write", *_REFRESH, *_PROVIDE, *_REMOVE)
    cluster, *indices = {
        Reach.SETUP: (_PLACES, _on(every, _READ, ("index",), _REFRESH, _PROVIDE), looked_for),
        Reach.INDEX: (_PLACES, _on(every, whole), looked_for),
        Reach.ALERT: (_LOOKS, _on(news, _READ, _REFRESH), *telling),
        Reach.HEALTH: (_LOOKS, *telling),
        Reach.READER: (_IS_THERE, _on(every, _READ)),
        Reach.CHECK: (_IS_THERE, _on(every, _READ, _REFRESH), looked_for),
        Reach.REPAIR: (_PLACES, _on(every + _names(map(mending, settings.aliases)), whole)),
    }[reach]
    return {"cluster": [*cluster], "indices": indices}


def role_name(settings: IndexSettings, reach: Reach) -> str:
    """What a role is called in a cluster: after the articles' alias, so that two lines can share
    one."""
    return f"{settings.articles}-{reach}"


def _news(settings: IndexSettings) -> list[str]:
    return [each for each in settings.aliases if each != settings.health]


def _names(aliases: Iterable[str]) -> list[str]:
    """The alias that is read, and the indices with their write aliases."""
    return [name for alias in aliases for name in (alias, f"{alias}-*")]


def _on(names: list[str], *privileges: Iterable[str]) -> dict[str, Any]:
    every = dict.fromkeys(name for each in privileges for name in each)
    return {"names": names, "privileges": [*every]}
