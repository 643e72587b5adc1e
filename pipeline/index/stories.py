"""Which articles tell the same story: decided from their texts and from what is known: pure.

A story is its first article and all copies of that one. A copy is compared with the first, never
with another copy: otherwise a text that is changed a little every day (a weather report, prices)
would hang year after year on one story, each day like the last and nothing like the first. So only
the first carries bands. Copies of the same text always share a story, however short it is.

A story's id is made of the text of its first article, so that two workers which meet the same text
at the same moment, in ignorance of each other, give it the same story.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from pipeline.index.sketch import ALIKE, Sketch, jaccard


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Where an article belongs. ``copy_of`` is the id of the story's first article, and None in
    that one, which carries its ``bands`` instead (none where its text is short)."""

    id: str
    copy_of: str | None = None
    bands: tuple[str, ...] = ()


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """An article without a story. ``text_id`` is shared by equal texts."""

    article_id: str
    text_id: str
    first_seen_at: datetime
    sketch: Sketch


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """An article with a story. ``sketch`` is of use only where it is the first of it."""

    article_id: str
    text_id: str
    first_seen_at: datetime
    story: Story
    sketch: Sketch

    @property
    def first_id(self) -> str:
        """The id of the story's first article."""
        return self.story.copy_of or self.article_id

    @property
    def age(self) -> tuple[datetime, str]:
        """Orders members: the earliest first, and always in one way."""
        return self.first_seen_at, self.article_id


class Known:
    """Members to be found by their text and by the bands of those that are first of a story."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._by_text: dict[str, list[Member]] = {}
        self._by_band: dict[str, list[Member]] = {}
        for member in members:
            self.add(member)

    def add(self, member: Member) -> None:
        """Let it be found from now on."""
        self._by_text.setdefault(member.text_id, []).append(member)
        if member.story.copy_of is None:
            for band in member.sketch.bands:
                self._by_band.setdefault(band, []).append(member)

    def same_text(self, newcomer: Newcomer) -> Member | None:
        """The earliest with an equal text."""
        return min(self._by_text.get(newcomer.text_id, ()), key=_age, default=None)

    def nearly_same(self, newcomer: Newcomer, window: timedelta) -> Member | None:
        """The earliest of which this is a near copy, first seen at most ``window`` before or
        after it: backlogs are read in any order."""
        sharing = {
            member.article_id: member
            for band in newcomer.sketch.bands
            for member in self._by_band.get(band, ())
        }
        alike = (
            member
            for member in sharing.values()
            if abs(member.first_seen_at - newcomer.first_seen_at) <= window
            and jaccard(member.sketch.shingles, newcomer.sketch.shingles) >= ALIKE
        )
        return min(alike, key=_age, default=None)


def _age(member: Member) -> tuple[datetime, str]:
    return member.age


def assign(
    newcomers: Iterable[Newcomer], members: Iterable[Member], window: timedelta
) -> dict[str, Story]:
    """A story for each newcomer, by article id. They are taken in the order in which they were
    first seen, so that it does not matter how a batch is ordered."""
    known = Known(members)
    stories = {}
    for newcomer in sorted(newcomers, key=lambda each: (each.first_seen_at, each.article_id)):
        story = _story(newcomer, known, window)
        stories[newcomer.article_id] = story
        known.add(member(newcomer, story))
    return stories


def member(newcomer: Newcomer, story: Story) -> Member:
    """The newcomer, once it has a story."""
    return Member(
        article_id=newcomer.article_id,
        text_id=newcomer.text_id,
        first_seen_at=newcomer.first_seen_at,
        story=story,
        sketch=newcomer.sketch,
    )


def _story(newcomer: Newcomer, known: Known, window: timedelta) -> Story:
    found = known.same_text(newcomer) or known.nearly_same(newcomer, window)
    if found is None:
        return Story(id=newcomer.text_id, bands=newcomer.sketch.bands)
    return Story(id=found.story.id, copy_of=found.first_id)


def kept(story: Story, now: Sketch) -> Story:
    """The story of a corrected article: the one it had. The first of a story is found by what it
    says now."""
    bands = now.bands if story.copy_of is None else ()
    return msgspec.structs.replace(story, bands=bands)


class Recent:
    """The last ``limit`` members this process has indexed: a search does not find them yet."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._members: OrderedDict[str, Member] = OrderedDict()

    def add(self, members: Iterable[Member]) -> None:
        """Remember these, and forget the oldest beyond the limit."""
        for each in members:
            self._members[each.article_id] = each
            self._members.move_to_end(each.article_id)
        while len(self._members) > self._limit:
            self._members.popitem(last=False)

    @property
    def members(self) -> list[Member]:
        """Those remembered."""
        return list(self._members.values())


def merged(*groups: Iterable[Member]) -> list[Member]:
    """Each article once; of one in several groups, what the last of them says."""
    return list({each.article_id: each for group in groups for each in group}.values())
