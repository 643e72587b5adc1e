"""Which entries of a feed are news: a pure decision over the document and what was seen before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from pipeline.feeds.markup import html_to_text
from pipeline.feeds.parsed import Entry
from pipeline.records import FeedState, SeenEntry

GONE_LIMIT = 500  # entries remembered that are no longer in the feed; some come back
_KEY_LIMIT = 256  # bytes of an entry's id
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it stands in the feed now. ``key`` is its place among the seen ones: a feed may
    show several versions of an entry, and each but the newest gets a place of its own."""

    entry: Entry
    key: str
    sha256: str

    @property
    def is_newest(self) -> bool:
        """Whether no later version of the entry stands beside it."""
        return self.key == entry_key(self.entry)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """``due`` are the versions to make articles of, ``standing`` the newest ones of entries seen
    before, both oldest first; ``known`` is all that was seen before, by key."""

    due: tuple[Version, ...]
    standing: tuple[Version, ...]
    known: Mapping[str, SeenEntry]


def decide(entries: tuple[Entry, ...], state: FeedState | None) -> Decision:
    """Tell new and changed entries from known ones."""
    seen = state.seen if state else {}
    due: list[Version] = []
    standing: list[Version] = []
    known: dict[str, SeenEntry] = {}
    for version in versions(entries):
        before = _seen_before(version, seen)
        if before is None:
            due.append(version)
        elif version.is_newest:
            standing.append(version)
            known[version.key] = before
        else:  # its page has what corrected it
            known[version.key] = replace(before, page=None)
    return Decision(due=tuple(due), standing=tuple(standing), known=known)


def versions(entries: tuple[Entry, ...]) -> list[Version]:
    """All distinct versions, oldest first: a correction follows what it corrects.

    Feeds list the newest first, which decides between entries of the same time or of none.
    """
    newest_last = entries[::-1]
    ordered = sorted(newest_last, key=lambda e: e.updated or e.published or _BEGINNING)
    named = [(entry_key(entry), entry_sha256(entry), entry) for entry in ordered]
    newest = {key: sha256 for key, sha256, _ in named}
    distinct: dict[str, Version] = {}
    for key, sha256, entry in named:
        place = key if newest[key] == sha256 else _old_key(key, sha256)
        distinct[place] = Version(entry=entry, key=place, sha256=sha256)
    return list(distinct.values())


def entry_key(entry: Entry) -> str:
    """The entry's id in the feed, or a hash of a long one."""
    identity = entry.id.encode()
    return entry.id if len(identity) <= _KEY_LIMIT else hashlib.sha256(identity).hexdigest()


def entry_sha256(entry: Entry) -> str:
    """Identifies what the feed tells a reader: markup may change with every poll, words do not."""
    said = (
        entry.id,
        entry.url,
        entry.title,
        entry.published,
        entry.updated,
        html_to_text(entry.summary),
        html_to_text(entry.content),
    )
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def remember(
    before: Mapping[str, SeenEntry], current: Mapping[str, SeenEntry]
) -> dict[str, SeenEntry]:
    """All of the current document, after what left it: the latest of that, up to the limit.

    Of what left it, no page is visited before it is back, so no validators are kept.
    """
    gone = [
        (key, _without_validators(entry)) for key, entry in before.items() if key not in current
    ]
    gone.sort(key=lambda item: item[1].first_seen_at)
    return dict(gone[-GONE_LIMIT:]) | dict(current)


def _seen_before(version: Version, seen: Mapping[str, SeenEntry]) -> SeenEntry | None:
    plain = entry_key(version.entry)
    for key in (plain, _old_key(plain, version.sha256)):
        entry = seen.get(key)
        if entry is not None and entry.entry_sha256 == version.sha256:
            return entry
    return None


def _without_validators(entry: SeenEntry) -> SeenEntry:
    page = entry.page
    if page is None or not (page.etag or page.last_modified):
        return entry
    return replace(entry, page=replace(page, etag=None, last_modified=None))


def _old_key(key: str, sha256: str) -> str:
    return f"{key}@{sha256[:16]}"
