"""What a batch makes of versions that will not be current: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from pipeline.errors import Rejected
from pipeline.index.documents import documents
from pipeline.index.outcome import IndexOutcome, refused
from pipeline.index.plan import Candidate, Decision, Facts, Stored, Write
from pipeline.index.revisions import Kept, Replaced, keeping, superseded
from pipeline.index.stories import Story
from pipeline.index.words import word_of
from pipeline.settings import IndexSettings


class Keeping(msgspec.Struct, frozen=True, kw_only=True):
    """``late``: versions of the batch to be kept. ``replaced``: indexed ones to be read and kept
    before they are written over. ``refused``: what cannot be kept, by its place in the batch."""

    late: tuple[Kept, ...]
    replaced: tuple[Replaced, ...]
    refused: Mapping[int, IndexOutcome]


def to_keep(
    candidate: Candidate,
    stored: Stored | None,
    home: str,
    decision: Decision,
    story: Story | None,
    settings: IndexSettings,
    now: datetime,
) -> Keeping:
    """What has to be kept of one article, whose month is ``home``. Versions of the batch need its
    story."""
    late, replaced, unfit = [], [], {}
    written = isinstance(decision, Write)
    for place in superseded(candidate, stored, written=written):
        if place is not None:
            made = _late(candidate, place, stored, home, story, settings, now)
            if isinstance(made, Kept):
                late.append(made)
            else:
                unfit[candidate.places[place]] = made
        elif stored is not None and isinstance(decision, Write):
            replaced.append(_replaced(candidate, stored))
    return Keeping(late=tuple(late), replaced=tuple(replaced), refused=unfit)


def joined(several: Iterable[Keeping]) -> Keeping:
    """All of these as one."""
    every = list(several)
    return Keeping(
        late=tuple(each for keeping in every for each in keeping.late),
        replaced=tuple(each for keeping in every for each in keeping.replaced),
        refused={place: why for keeping in every for place, why in keeping.refused.items()},
    )


def _late(
    candidate: Candidate,
    place: int,
    stored: Stored | None,
    home: str,
    story: Story | None,
    settings: IndexSettings,
    now: datetime,
) -> Kept | IndexOutcome:
    copy = candidate.copies[place]
    first_seen_at = stored.first_seen_at if stored else candidate.first_seen_at
    if story is None:
        raise ValueError("an article that is kept has a story")
    try:
        made = documents(
            copy,
            story,
            Facts(latest_revision=copy.article.revision, word=word_of(copy.article)),
            first_seen_at=first_seen_at,
            ingested_at=now,
        )
    except Rejected as error:
        return refused(error.reason, error.detail)
    article, *statements = map(msgspec.json.decode, (made.article, *made.statements))
    return Kept(
        position=candidate.places[place],
        operation=keeping(f"{settings.revisions}-{home}", article, statements),
    )


def _replaced(candidate: Candidate, stored: Stored) -> Replaced:
    article_id = candidate.newest.article.id
    return Replaced(position=candidate.position, article_id=article_id, stored=stored)
