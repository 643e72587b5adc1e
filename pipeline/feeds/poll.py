"""One poll of one feed: fetch, parse, decide, read, publish, and only then remember."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from pipeline.errors import Rejected
from pipeline.feeds.after_poll import (
    answered,
    begin,
    failed,
    first_rate,
    fully_fetched,
    is_full_fetch_due,
    new_entries,
    pace_of,
    rest_of,
    scheduled,
    wish,
    with_skips,
    without_validators,
)
from pipeline.feeds.decide import Version, decide
from pipeline.feeds.entry_reader import AT_ONCE, BATCH, EntryReader, PutOff
from pipeline.feeds.fetch import Fetched, FetchFailed, NotModified
from pipeline.feeds.first_poll import begun, leave_out_past
from pipeline.feeds.follow import Followed, follow_sitemaps
from pipeline.feeds.healing import healed
from pipeline.feeds.hold import Hold
from pipeline.feeds.link_header import with_link_header
from pipeline.feeds.outbox import Outbox
from pipeline.feeds.own_account import OwnAccount
from pipeline.feeds.parsed import ParsedFeed
from pipeline.feeds.poll_progress import PollProgress
from pipeline.feeds.redaction import shown_url
from pipeline.feeds.revisited import settle_revisits
from pipeline.feeds.revisits import ages_of, is_any_due
from pipeline.feeds.settle import merge_latest, settle
from pipeline.feeds.sitemap_changes import bare, is_full, known_sitemaps
from pipeline.feeds.subscriptions import Subscription
from pipeline.feeds.websub import with_own_hubs
from pipeline.feeds.work import PollWork
from pipeline.kafka.ports import Publisher, Unreadable
from pipeline.metrics import ENTRIES, FEEDS_POLLED, REVISITS
from pipeline.records import DeadLetter, FeedState, SeenEntry, Stage, dead_letter
from pipeline.settings import Settings
from pipeline.telemetry.spans import Tracer


class PollOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a poll did. ``postponed`` entries wait for their page, ``put_off`` of them since their
    feed took too long; ``passed_over`` are those that a first poll leaves out. ``state`` is what
    was saved.

    ``hubs`` are those that the feed names, which tell of news on ``topic``; None where none was
    read.
    """

    feed_id: str
    outcome: Literal["new", "unchanged", "failed"]
    state: FeedState
    published: int = 0
    known: int = 0
    rejected: int = 0
    postponed: int = 0
    put_off: int = 0
    passed_over: int = 0
    hubs: tuple[str, ...] | None = None
    topic: str = ""


class _Poll(NamedTuple):
    """A feed in our hands, and what its poll has taken so far."""

    hold: Hold
    work: PollWork

    async def save(self, state: FeedState) -> FeedState:
        """As :meth:`Hold.save`, with the account of the poll."""
        return await self.hold.save(replace(state, work=self.work.account))


async def _go_on() -> None:
    """Nobody has to be told."""


class Poller:
    """Polls feeds. ``latest`` is shared by all polls: what is known of each article, by its id.

    ``chance`` gives numbers from 0 to 1, so that polls do not stay in step.
    """

    def __init__(
        self,
        reader: EntryReader,
        publisher: Publisher,
        settings: Settings,
        clock: Callable[[], datetime],
        latest: MutableMapping[str, SeenEntry],
        chance: Callable[[], float] = random.random,
        *,
        tracer: Tracer | None = None,
    ) -> None:
        self._outbox = Outbox(publisher, settings, tracer=tracer)
        self._reader = reader
        self._settings = settings
        self._clock = clock
        self._latest = latest
        self._chance = chance

    async def poll(
        self,
        hold: Hold,
        now: datetime,
        on_read: Callable[[], Awaitable[None]] = _go_on,
        *,
        newcomers_wait: bool = False,
    ) -> PollOutcome:
        """Poll once. What goes wrong with the feed is in the outcome and in its saved state.

        ``on_read`` is awaited once the feed is read and has something new, before its pages are.
        ``newcomers_wait`` as :class:`PollWork` has it.
        Raises FeedLost when the feed went to another consumer meanwhile.
        """
        state = begin(hold.subscription, hold.known, now)
        if isinstance(hold.known, Unreadable):  # kept whole before it is written over
            await self._outbox.send([_state_letter(hold.subscription, hold.known, now)])
        feeds = self._settings.feeds
        poll = _Poll(
            hold,
            PollWork(hold.subscription, state.work, feeds, now, newcomers_wait=newcomers_wait),
        )
        try:
            answer = await self._fetch(poll.work, state)
        except FetchFailed as failure:
            return await self._not_had(poll, state, failure)
        if isinstance(answer, NotModified):
            return await self._unchanged(poll, state, answer.fresh_for)
        state = fully_fetched(state) if is_full_fetch_due(state) else state
        sha256 = hashlib.sha256(answer.body).hexdigest()
        is_known = sha256 == state.body_sha256 and not state.failures
        if is_known and not is_any_due(state):
            return await self._unchanged(poll, state, answer.fresh_for)
        try:
            followed = await self._parse(poll.work, state, answer)
        except Rejected as rejected:
            return await self._unparsable(poll, state, answer.body, rejected)
        except FetchFailed as failure:
            return await self._not_had(poll, state, failure)
        return await self._take(poll, state, answer, followed, on_read)

    async def _take(
        self,
        poll: _Poll,
        state: FeedState,
        answer: Fetched,
        followed: Followed,
        on_read: Callable[[], Awaitable[None]],
    ) -> PollOutcome:
        named = with_link_header(followed.feed, answer.link, answer.url)
        feed = with_own_hubs(named, poll.work.subscription.url, answer.url)
        rest = rest_of(answer, feed)
        if not followed.read:
            return await self._unchanged(poll, replace(state, sitemaps=followed.sitemaps), rest)
        state = first_rate(with_skips(state, feed), feed.entries)
        state = answered(state, rest, new_entries(state, feed.entries))
        work = poll.work
        progress = await self._progress(work, state, followed)
        if progress.decision.due or is_any_due(state):
            await on_read()
        await self._publish_due(poll, progress)
        await self._revisit(work, progress)
        work.put_off(len(progress.put_off), progress.put_off_reason)
        state = progress.finished(answer, followed, self._latest)
        return await self._end(poll, state, progress, feed)

    async def _progress(self, work: PollWork, state: FeedState, followed: Followed) -> PollProgress:
        subscription, feeds = work.subscription, self._settings.feeds
        entries = followed.feed.entries
        # Of a large feed it takes seconds, in which the others go on.
        is_large = sum(len(each.content) + len(each.summary) for each in entries) > AT_ONCE
        made = (
            await asyncio.to_thread(decide, entries, state) if is_large else decide(entries, state)
        )
        decision, past = leave_out_past(made, subscription, state, feeds, followed.first_read)
        # What is passed over is saved together with the fact that it was looked at.
        state = replace(begun(state), sitemaps={**state.sitemaps, **followed.sitemaps})
        progress = PollProgress(subscription, state, decision, past, ages_of(subscription, feeds))
        if followed.unread and not is_full(state):
            progress.keep(state.seen)
        return progress

    def healed(self, subscription: Subscription, state: FeedState, now: datetime) -> FeedState:
        """``state`` without the times that cannot be right."""
        feeds = self._settings.feeds
        return healed(state, pace_of(subscription, feeds), ages_of(subscription, feeds), now)

    async def _save(
        self, poll: _Poll, state: FeedState, retry_after: timedelta | None = None
    ) -> FeedState:
        """Save the state with the time of the next poll."""
        pace = pace_of(poll.hold.subscription, self._settings.feeds)
        return await poll.save(scheduled(state, pace, self._chance(), retry_after))

    async def _not_had(self, poll: _Poll, state: FeedState, failure: FetchFailed) -> PollOutcome:
        after = failed(state, str(failure), failure.status)
        return await self._failed(poll, after, wish(failure, state.polled_at))

    async def _failed(
        self, poll: _Poll, state: FeedState, retry_after: timedelta | None = None
    ) -> PollOutcome:
        state = await self._save(poll, state, retry_after)
        FEEDS_POLLED.labels("failed").inc()
        return PollOutcome(feed_id=state.feed_id, outcome="failed", state=state)

    async def _fetch(self, work: PollWork, state: FeedState) -> Fetched | NotModified:
        subscription, feeds = work.subscription, self._settings.feeds
        full = is_full_fetch_due(state) or is_any_due(state)
        async with work.in_time():
            return await self._reader.fetch(
                work,
                subscription.url,
                limit=feeds.max_feed_bytes,
                etag=None if full else state.etag,
                last_modified=None if full else state.last_modified,
                allow_private=subscription.allow_private_addresses,
            )

    async def _unchanged(
        self, poll: _Poll, state: FeedState, fresh_for: timedelta | None
    ) -> PollOutcome:
        state = await self._save(poll, answered(state, fresh_for))
        FEEDS_POLLED.labels("unchanged").inc()
        return PollOutcome(feed_id=state.feed_id, outcome="unchanged", state=state)

    async def _parse(self, work: PollWork, state: FeedState, answer: Fetched) -> Followed:
        """The feed with the entries of its sitemaps. Raises Rejected and FetchFailed."""
        feeds, own = self._settings.feeds, OwnAccount(self._reader, work)
        known = known_sitemaps(state)
        async with work.in_time():
            feed = await own.feed(answer.body, url=answer.url, content_type=answer.content_type)
            return await follow_sitemaps(
                feed,
                bare(known) if is_any_due(state) else known,
                own,
                own,
                now=state.polled_at,
                limit=feeds.max_sitemaps,
                max_bytes=feeds.max_feed_bytes,
                may_be_private=lambda url: self._reader.may_be_private(work.subscription, url),
            )

    async def _unparsable(
        self, poll: _Poll, state: FeedState, body: bytes, rejected: Rejected
    ) -> PollOutcome:
        sha256 = hashlib.sha256(body).hexdigest()
        if sha256 != state.body_sha256:  # the same bytes are reported once
            letter = _feed_letter(poll.hold.subscription, body, rejected, state.polled_at)
            await self._outbox.send([letter])
        state = replace(without_validators(state), body_sha256=sha256)
        return await self._failed(poll, failed(state, str(rejected)))

    async def _publish_due(self, poll: _Poll, progress: PollProgress) -> None:
        """Publish what is due, oldest first; what is done is saved after each batch."""
        due = progress.decision.due
        for start in range(0, len(due), BATCH):
            at = progress.next_time(self._clock())
            if await self._publish_batch(poll.work, progress, due[start : start + BATCH], at):
                await poll.save(progress.state_so_far())

    async def _publish_batch(
        self, work: PollWork, progress: PollProgress, batch: Sequence[Version], at: datetime
    ) -> bool:
        """Whether there is something new to remember."""
        reads = [self._reader.read(work, version.entry) for version in batch]
        settled = settle(
            progress.subscription,
            list(zip(batch, await asyncio.gather(*reads), strict=True)),
            latest=self._latest,
            told=progress.told,
            tries=progress.before.tries,
            at=at,
            limit=self._settings.enrich.max_text_chars,
            ages=progress.ages,
        )
        await self._outbox.send(settled.records)
        progress.add(settled)
        merge_latest(self._latest, settled.seen.values())
        ENTRIES.labels("failed").inc(len(settled.tries.keys() - settled.put_off.keys()))
        ENTRIES.labels("put-off").inc(len(settled.put_off))
        return len(settled.put_off) < len(batch)

    async def _revisit(self, work: PollWork, progress: PollProgress) -> None:
        """Look for corrections of pages already read, once all that is new is out. Pages that are
        put off stay due."""
        at = progress.next_time(self._clock())
        chosen = progress.revisits(self._latest, at)
        reads = [self._reader.read_again(work, each.version.entry, each.page) for each in chosen]
        found = zip(chosen, await asyncio.gather(*reads), strict=True)
        read = [(revisit, page) for revisit, page in found if not isinstance(page, PutOff)]
        if not read:
            return
        revisited = settle_revisits(
            progress.subscription,
            read,
            latest=self._latest,
            ages=progress.ages,
            at=at,
            limit=self._settings.enrich.max_text_chars,
        )
        await self._outbox.send(revisited.articles)
        progress.add_revisits(revisited)
        merge_latest(self._latest, revisited.seen.values())
        for outcome in revisited.outcomes.values():
            REVISITS.labels(outcome).inc()

    async def _end(
        self, poll: _Poll, state: FeedState, progress: PollProgress, feed: ParsedFeed
    ) -> PollOutcome:
        state = await self._save(poll, state)
        ENTRIES.labels("known").inc(progress.known)
        ENTRIES.labels("passed-over").inc(len(progress.past))
        FEEDS_POLLED.labels("new").inc()
        return PollOutcome(
            feed_id=state.feed_id,
            outcome="new",
            state=state,
            published=progress.published,
            known=progress.known,
            rejected=progress.rejected,
            postponed=len(progress.tries.keys() | progress.put_off.keys()),
            put_off=len(progress.put_off),
            passed_over=len(progress.past),
            hubs=feed.hubs,
            topic=feed.self_url or progress.subscription.url,
        )


def _feed_letter(
    subscription: Subscription, body: bytes, rejected: Rejected, at: datetime
) -> DeadLetter:
    return dead_letter(
        stage=Stage.FEEDS,
        reason=rejected.reason,
        detail=rejected.detail,
        failed_at=at,
        payload=body,
        key=subscription.id,
        url=shown_url(subscription.url),
    )


def _state_letter(subscription: Subscription, stored: Unreadable, at: datetime) -> DeadLetter:
    return dead_letter(
        stage=Stage.FEEDS,
        reason=stored.reason,
        detail=f"the stored state of the feed: {stored.detail}",
        failed_at=at,
        payload=stored.value,
        key=subscription.id,
        url=shown_url(subscription.url),
    )
