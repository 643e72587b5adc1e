"""A search that is kept, and whom to tell of what it finds."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Literal, TypeAlias

import msgspec

from pipeline.records.article import AwareTime

DERIVED = "derived:"
SECRET_PREFIX = "whsec_"  # noqa: S105 (of secrets, none itself)
SECRET_VARIABLE = "env:"  # noqa: S105

# The form of an address in HTML's <input type=email>, which leaves out quoted local parts.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_REFERENCE = re.compile(r"env:NEWS_WEBHOOK_[A-Z0-9_]{1,64}|derived:[A-Za-z0-9_-]{32}")
_SECRET_BYTES = range(24, 65)
_MOST_DESTINATIONS = 10

About: TypeAlias = Literal["articles", "statements"]
SearchId = Annotated[str, msgspec.Meta(pattern=f"^{_ID.pattern}$")]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Webhook(_Record, frozen=True):
    """An address that alerts are posted to, signed with ``secret``.

    The secret is ``derived:`` and the salt of one (see ``pipeline.alerts.derived``), or
    ``env:NEWS_WEBHOOK_...``, the variable of the alert worker's environment that holds one:
    ``whsec_`` and 24 to 64 bytes in base64 (Standard Webhooks 1.0.0). Searches of earlier versions
    have such a one themselves.
    ``gone_at`` is when the address answered 410: nothing is posted to it any more.
    """

    url: Annotated[str, msgspec.Meta(max_length=2048, pattern="^https?://")]
    secret: str
    gone_at: AwareTime | None = None

    def __post_init__(self) -> None:
        if not _REFERENCE.fullmatch(self.secret):
            secret_key(self.secret)


class SavedSearch(_Record, frozen=True):
    """A search among articles or statements, asked of everything that is indexed.

    ``query`` is the search in words, each name a field of ``pipeline.search.SearchRequest``. One
    that is not ``active`` finds nothing. ``owner`` is for whoever manages searches of several
    people; nothing here depends on it.
    """

    id: SearchId
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    about: About
    query: dict[str, Annotated[str, msgspec.Meta(max_length=1000)]]
    created_at: AwareTime
    webhooks: Annotated[tuple[Webhook, ...], msgspec.Meta(max_length=_MOST_DESTINATIONS)] = ()
    emails: Annotated[tuple[str, ...], msgspec.Meta(max_length=_MOST_DESTINATIONS)] = ()
    active: bool = True
    owner: str | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError("the id of a search is of a-z, 0-9 and -, at most 64 of them")
        if not self.name.isprintable():
            raise ValueError("the name of a search is one line of printable characters")
        for address in self.emails:
            if not _EMAIL.fullmatch(address):
                raise ValueError("an e-mail address is not of the form name@host")


def secret_key(secret: str) -> bytes:
    """The key that a ``whsec_`` secret stands for. Raises ValueError for what is none."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a webhook's secret is whsec_ and base64") from error
    if not secret.startswith(SECRET_PREFIX) or len(key) not in _SECRET_BYTES:
        raise ValueError("a webhook's secret is whsec_ and 24 to 64 bytes in base64")
    return key
