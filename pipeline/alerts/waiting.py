"""Which searches are asked about what, while some cannot be asked: pure.

A search that cannot be asked waits in each partition of the notices by itself, from the first
notice that it missed. Whoever has the partition asks it about all from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from pipeline.alerts.match import Batch, recent
from pipeline.records import IndexedArticle, SavedSearch, WaitingSearch
from pipeline.records.waiting_search import MAX_WHY_CHARS

Waiting = Mapping[str, WaitingSearch]
"""All that wait, by search and partition."""


class Placed(msgspec.Struct, frozen=True):
    """A notice, and where it stands."""

    partition: int
    offset: int
    notice: IndexedArticle


class Round(msgspec.Struct, frozen=True):
    """Searches that are asked about the same: the notices of some partitions, from the first
    offset of each on."""

    searches: list[SavedSearch]
    batch: Batch
    firsts: Mapping[int, int]


def rounds(
    searches: Sequence[SavedSearch],
    placed: Sequence[Placed],
    waiting: Waiting,
    max_age: timedelta,
) -> list[Round]:
    """Who is asked about which notices: each search about those of all partitions in which it does
    not wait."""
    partitions = {each.partition for each in placed}
    asked: dict[frozenset[int], list[SavedSearch]] = {}
    for search in searches:
        mine = frozenset(each for each in partitions if f"{search.id}/{each}" not in waiting)
        asked.setdefault(mine, []).append(search)
    made = (round_of(each, placed, mine, max_age) for mine, each in asked.items())
    return [each for each in made if each.batch.notices]


def round_of(
    searches: list[SavedSearch],
    placed: Sequence[Placed],
    partitions: frozenset[int],
    max_age: timedelta,
) -> Round:
    """The notices of these partitions as one question."""
    mine = [each for each in placed if each.partition in partitions]
    firsts: dict[int, int] = {}
    for each in mine:
        firsts[each.partition] = min(each.offset, firsts.get(each.partition, each.offset))
    return Round(searches, recent((each.notice for each in mine), max_age), firsts)


def missed(
    asked: Round, refused: Mapping[str, str], waiting: Waiting, now: datetime
) -> list[WaitingSearch]:
    """What the refused searches of a round wait for from now on."""
    return [
        WaitingSearch(
            search_id=search_id,
            partition=partition,
            offset=offset,
            why=why[:MAX_WHY_CHARS],
            since=since(search_id, waiting.values(), now),
            refused_at=now,
        )
        for search_id, why in refused.items()
        for partition, offset in asked.firsts.items()
    ]


def still_refused(waits: WaitingSearch, why: str, waiting: Waiting, now: datetime) -> WaitingSearch:
    """It was asked again, in vain."""
    first = since(waits.search_id, waiting.values(), waits.since)
    return replace(waits, why=why[:MAX_WHY_CHARS], since=first, refused_at=now)


def was_asked_again(waits: WaitingSearch) -> bool:
    """Whether it was refused more than once: what fails for a moment is nobody's news."""
    return waits.refused_at > waits.since


def untold(waiting: Waiting) -> list[WaitingSearch]:
    """For each search that is refused still, and whose owners do not know, that they are told."""
    searches = {each.search_id for each in waiting.values() if was_asked_again(each)}
    return [
        replace(of(each, waiting.values())[0], partition=None, offset=0)
        for each in sorted(searches)
        if f"{each}/told" not in waiting
    ]


def over(waiting: Waiting) -> list[WaitingSearch]:
    """Of each search that its owners know of and that waits no more, that they were told."""
    marks = (each for each in waiting.values() if each.partition is None)
    return [each for each in marks if not of(each.search_id, waiting.values())]


def of(search_id: str, waiting: Iterable[WaitingSearch]) -> list[WaitingSearch]:
    """Where a search waits, from when it failed first on."""
    mine = (e for e in waiting if e.search_id == search_id and e.partition is not None)
    return sorted(mine, key=lambda each: each.since)


def since(search_id: str, waiting: Iterable[WaitingSearch], now: datetime) -> datetime:
    """When a search failed first, in whatever partition; ``now`` where it has not failed yet."""
    return min((each.since for each in of(search_id, waiting)), default=now)


def first_of_each(waiting: Waiting) -> dict[str, WaitingSearch]:
    """Of each search that waits, where it has waited longest, by the search's id."""
    searches = {each.search_id for each in waiting.values()}
    first = {each: of(each, waiting.values())[:1] for each in searches}
    return {search_id: found[0] for search_id, found in first.items() if found}
