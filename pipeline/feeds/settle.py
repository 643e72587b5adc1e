"""What becomes of entries once their material is there: a pure decision."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from pipeline.errors import Rejected
from pipeline.feeds.articles import entry_article_id, to_article
from pipeline.feeds.decide import Version
from pipeline.feeds.entry_reader import InFeed, Material, PageRead, Postponed, PutOff, Refused
from pipeline.feeds.redaction import without_credentials
from pipeline.feeds.revisited import first_visit
from pipeline.feeds.revisits import Ages
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import (
    Article,
    DeadLetter,
    Reason,
    SeenEntry,
    Stage,
    dead_letter,
)

PAGE_TRIES = 5  # polls in which a page may fail before its entry is given up


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """``records`` are to be published in order; ``seen`` and ``tries`` hold once they are.

    ``put_off`` has the reasons of those that wait for a later poll with the tries they had.
    ``unchanged`` counts entries whose article is already published just so.
    """

    records: list[Article | DeadLetter]
    seen: dict[str, SeenEntry]
    tries: dict[str, int]
    put_off: dict[str, str]
    unchanged: int


class _Known(NamedTuple):
    """What was published of each article, by anybody and by this feed: see :func:`settle`."""

    latest: Mapping[str, SeenEntry]
    told: Mapping[str, str]


def settle(
    subscription: Subscription,
    batch: Sequence[tuple[Version, Material]],
    *,
    latest: MutableMapping[str, SeenEntry],
    told: MutableMapping[str, str],
    tries: Mapping[str, int],
    at: datetime,
    limit: int,
    ages: Ages,
) -> Settled:
    """Decide over a batch, oldest version first.

    ``latest`` is what was last published of each article, by article id, whichever feed it came
    from, ``told`` the hash of what this feed published of it: each feed that leads to an article
    publishes it once, since who led there is a fact, and the publisher's own feed knows it best.
    Each version of an article gets a later revision, starting from ``at``. Texts are cut to
    ``limit`` characters. ``ages`` are those at which a page is visited again.
    """
    settled = Settled(records=[], seen={}, tries={}, put_off={}, unchanged=0)
    known: MutableMapping[str, SeenEntry] = ChainMap({}, latest)
    own: MutableMapping[str, str] = ChainMap({}, told)
    revision = int(at.timestamp() * 1000)
    unchanged = 0
    for version, found in batch:
        material = _given_up(version, found, tries)
        if isinstance(material, PutOff):
            settled.put_off[version.key] = material.detail
            if version.key in tries:
                settled.tries[version.key] = tries[version.key]
            continue
        if isinstance(material, Postponed):
            settled.tries[version.key] = tries.get(version.key, 0) + 1
            continue
        seen, record = _settle_one(
            subscription, version, material, _Known(known, own), at, revision, limit, ages
        )
        settled.seen[version.key] = known[seen.article_id] = seen
        if record is None:
            unchanged += 1
        else:
            if seen.content_sha256 is not None:
                own[seen.article_id] = seen.content_sha256
            settled.records.append(record)
            revision += 1
    return msgspec.structs.replace(settled, unchanged=unchanged)


def merge_latest(latest: MutableMapping[str, SeenEntry], entries: Iterable[SeenEntry]) -> None:
    """Add ``entries``, older ones first, to what is known in ``latest``."""
    for entry in entries:
        before = latest.get(entry.article_id)
        first = min(before.first_seen_at, entry.first_seen_at) if before else entry.first_seen_at
        latest[entry.article_id] = msgspec.structs.replace(entry, first_seen_at=first)


def _given_up(version: Version, material: Material, tries: Mapping[str, int]) -> Material:
    if not isinstance(material, Postponed) or tries.get(version.key, 0) + 1 < PAGE_TRIES:
        return material
    detail = f"{material.detail}, in {PAGE_TRIES} polls"
    payload = msgspec.json.encode(version.entry)
    return Refused(reason=Reason.FETCH_FAILED, detail=detail, payload=payload)


def _settle_one(
    subscription: Subscription,
    version: Version,
    material: PageRead | InFeed | Refused,
    known: _Known,
    at: datetime,
    revision: int,
    limit: int,
    ages: Ages,
) -> tuple[SeenEntry, Article | DeadLetter | None]:
    page = material.page if isinstance(material, PageRead) else None
    article_id = entry_article_id(subscription, version.entry, page)
    before = known.latest.get(article_id)
    seen = SeenEntry(
        article_id=article_id,
        entry_sha256=version.sha256,
        first_seen_at=before.first_seen_at if before else at,
    )
    if isinstance(material, Refused):
        return seen, _letter(version, material, article_id, at)
    try:
        article = to_article(
            subscription,
            version.entry,
            page,
            text_in_feed=material.text if isinstance(material, InFeed) else "",
            first_seen_at=seen.first_seen_at,
            fetched_at=at,
            revision=revision,
            limit=limit,
        )
    except Rejected as rejected:
        payload = msgspec.json.encode(version.entry)
        refused = Refused(reason=rejected.reason, detail=rejected.detail, payload=payload)
        return seen, _letter(version, refused, article_id, at)
    seen = msgspec.structs.replace(seen, content_sha256=article.content_sha256)
    if isinstance(material, PageRead) and version.is_newest:
        page_seen = first_visit(material, article, ages, seen.first_seen_at, at)
        seen = msgspec.structs.replace(seen, page=page_seen)
    last = known.told.get(article_id)
    published = {last, before.content_sha256 if before else None} if last else set()
    return seen, None if article.content_sha256 in published else article


def _letter(version: Version, refused: Refused, article_id: str, at: datetime) -> DeadLetter:
    return dead_letter(
        stage=Stage.FEEDS,
        reason=refused.reason,
        detail=refused.detail,
        failed_at=at,
        payload=refused.payload,
        key=article_id,
        url=without_credentials(version.entry.url) if version.entry.url else None,
    )
