"""What one poll has done so far, and the state that tells of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.feeds.after_poll import without_validators
from pipeline.feeds.decide import Decision, remember
from pipeline.feeds.entry_reader import BATCH
from pipeline.feeds.fetch import Fetched
from pipeline.feeds.follow import Followed
from pipeline.feeds.revisited import Revisited
from pipeline.feeds.revisits import Ages, Revisit, caught_up, choose, next_revisit
from pipeline.feeds.settle import Settled
from pipeline.feeds.sitemap_changes import bare
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import DeadLetter, FeedState, SeenEntry


def told(seen: Iterable[SeenEntry]) -> dict[str, str]:
    """The hash of what was published of each article, by its id."""
    return {each.article_id: each.content_sha256 for each in seen if each.content_sha256}


class PollProgress:
    """Grows with each batch; everything in it is published, or ``past``: passed over."""

    def __init__(
        self,
        subscription: Subscription,
        before: FeedState,
        decision: Decision,
        past: Mapping[str, SeenEntry],
        ages: Ages,
    ) -> None:
        self.subscription = subscription
        self.before = before
        self.decision = decision
        self.past = past
        self.told = told(before.seen.values())
        self.ages = ages
        self.tries: dict[str, int] = {}
        self.put_off: dict[str, str] = {}
        self.published = self.rejected = self.unchanged = self.changed = 0
        self._seen = {**past, **decision.known}
        self._at = before.polled_at - timedelta(milliseconds=BATCH)

    @property
    def known(self) -> int:
        """Entries that led to nothing new."""
        return len(self.decision.known) + self.unchanged - self.changed

    @property
    def waits(self) -> bool:
        """Whether entries wait for their page, so that the next poll needs the whole feed."""
        return bool(self.tries or self.put_off)

    @property
    def put_off_reason(self) -> str | None:
        """Why entries were put off; None where none were."""
        return next(iter(self.put_off.values()), None)

    def next_time(self, now: datetime) -> datetime:
        """When the next batch is: revisions count up from there, one for each version, and never
        into those of the batch before."""
        self._at = max(now, self._at + timedelta(milliseconds=BATCH))
        return self._at

    def keep(self, seen: Mapping[str, SeenEntry]) -> None:
        """Remember these too: they are still there, though not all of it was read."""
        self._seen = {**seen, **self._seen}

    def add(self, settled: Settled) -> None:
        """Count a batch that was delivered."""
        self._seen |= settled.seen
        self.told |= told(settled.seen.values())
        self.tries |= settled.tries
        self.put_off |= settled.put_off
        self.unchanged += settled.unchanged
        letters = sum(isinstance(record, DeadLetter) for record in settled.records)
        self.rejected += letters
        self.published += len(settled.records) - letters

    def revisits(self, latest: Mapping[str, SeenEntry], now: datetime) -> list[Revisit]:
        """The visits to make now, without those made through another entry or feed."""
        self._seen = caught_up(self._seen, latest, self.ages, now)
        return choose(self.decision.standing, self._seen, self.ages, now)

    def add_revisits(self, revisited: Revisited) -> None:
        """Count visits whose articles were delivered."""
        self._seen |= revisited.seen
        self.changed += len(revisited.articles)
        self.published += len(revisited.articles)

    def state_so_far(self) -> FeedState:
        """Without validators: whoever goes on from here must get the whole feed again."""
        return replace(
            without_validators(self.before),
            seen=remember(self.before.seen, self._seen),
            tries={**self.before.tries, **self.tries},
        )

    def finished(
        self, answer: Fetched, followed: Followed, latest: Mapping[str, SeenEntry]
    ) -> FeedState:
        """The state after the whole document. Entries that wait for their page need it again, and
        so do those of an index of sitemaps: they change where the index does not."""
        self._seen = caught_up(self._seen, latest, self.ages, self._at)
        state = replace(
            self.state_so_far(),
            tries=self.tries,
            sitemaps=bare(followed.sitemaps) if self.waits else followed.sitemaps,
            next_revisit_at=next_revisit(self._seen.values(), self.ages, self._at),
        )
        if self.waits or followed.feed.sitemaps:
            return state
        return replace(
            state,
            etag=answer.etag,
            last_modified=answer.last_modified,
            body_sha256=hashlib.sha256(answer.body).hexdigest(),
        )
