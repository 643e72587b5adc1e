"""The feed consumer: every feed in its own time, none in the way of another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.disk import full_disk
from pipeline.errors import ConfigurationError, FeedLost, ServiceUnavailable
from pipeline.feeds.after_poll import awake, begin
from pipeline.feeds.agenda import Agenda
from pipeline.feeds.canonical import host_of
from pipeline.feeds.census import Census
from pipeline.feeds.hold import Hold
from pipeline.feeds.holdings import Holdings
from pipeline.feeds.poll import Poller, PollOutcome
from pipeline.feeds.slots import PollSlots
from pipeline.feeds.status import health_of, status_of
from pipeline.feeds.subscriptions import Subscription
from pipeline.feeds.turns import Name, Turns
from pipeline.feeds.websub import KNOCK_REST
from pipeline.kafka.ports import FeedShare, FeedStates, FeedWriter, Share, Stored
from pipeline.metrics import (
    FEEDS_NOT_DUE,
    FEEDS_POLLED,
    IN_FLIGHT,
    OUTAGES,
    POLL_DELAY,
    POLL_SECONDS,
    WAITING,
)
from pipeline.records import FeedState, SeenEntry, Stage

logger = logging.getLogger(__name__)

_LOAD_RETRY_SECONDS = 2.0
_BROKEN_WAIT = timedelta(minutes=5)  # before a poll that broke off is tried again
# Feeds whose pages are read meanwhile, for each that is read itself: they hardly do but wait, and
# their entries are in memory.
_PLACES_A_SLOT = 4
RELOAD_SECONDS = 5.0  # between two looks at the subscriptions

_PASSED_OVER = (
    "feed %s: %d entries of its first poll were passed over, by feeds.first_poll_max_age_days and "
    "feeds.first_poll_max_undated; `pipeline ingest` reads archives"
)
_HEALED = "feed %s: its state has times that cannot be, as of a wrong clock; they are not believed"

Reload = Callable[[], Iterable[Subscription] | None]


class FeedConsumer:
    """Follows feeds. ``states`` and ``latest`` are its working memory (see ``Holdings``): what is
    known of each feed and of each article.

    At most ``concurrency`` feeds are read at a time, and of the feeds of one host ``per_host``; a
    poll that goes on to the pages of its entries gives its slot to the next feed. So neither a host
    nor a feed that takes long keeps others from being polled.

    ``reload`` gives the subscriptions when they have changed, else None. ``on_poll`` hears of every
    poll; ``clock`` gives the time, with its zone. ``told_wait`` is how long a feed whose news we
    are told of may do without a poll.
    """

    def __init__(
        self,
        subscriptions: Iterable[Subscription],
        poller: Poller,
        states: MutableMapping[str, FeedState],
        latest: MutableMapping[str, SeenEntry],
        clock: Callable[[], datetime],
        *,
        concurrency: int,
        per_host: int,
        reload: Reload = lambda: None,
        reload_seconds: float = RELOAD_SECONDS,
        told_wait: Callable[[str], timedelta] = lambda _: timedelta(0),
        on_poll: Callable[[PollOutcome], None] = lambda _: None,
    ) -> None:
        self._subscriptions = {each.id: each for each in subscriptions}
        self._poller = poller
        self._holdings = Holdings(states, latest)
        self._clock = clock
        self._slots = PollSlots(concurrency, per_host)
        self._places = Turns(concurrency * _PLACES_A_SLOT, WAITING.labels("place"))
        self._slow: set[str] = set()
        # Polled more than once, and not slow: while there are any, those that were never polled
        # count as slow, however many they are.
        self._proven: set[str] = set()
        self._told: set[str] = set()  # those with news while their poll was under way
        self._due: dict[str, datetime] = {}  # since when those are that wait for a slot
        self._reload = reload
        self._reload_seconds = reload_seconds
        self._told_wait = told_wait
        self._on_poll = on_poll
        self._agenda = Agenda()
        self._census = Census()
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._dropped: set[asyncio.Task[None]] = set()  # and not ended yet
        self._wake = asyncio.Event()
        self._is_following = False

    def poll_soon(self, feed_id: str) -> None:
        """Somebody says that a feed has something new: poll it at once or, where it was just
        polled, as soon as it may be."""
        if feed_id in self._agenda:
            self._agenda.bring_forward(feed_id, self._earliest(feed_id))
            self._wake.set()
        elif feed_id in self._polls:  # it may be too late for the news to be in this one
            self._told.add(feed_id)

    def _earliest(self, feed_id: str) -> datetime:
        """When a feed may be polled for a knock."""
        known, now = self._holdings.known(feed_id), self._clock()
        return max(now, known.polled_at + KNOCK_REST) if isinstance(known, FeedState) else now

    async def poll_once(self, saved: FeedStates) -> None:
        """Poll each feed once. Raises ConfigurationError when Kafka is there but refuses us."""
        await self._holdings.take(whole(await _load(saved), saved))
        for feed_id in self._subscriptions:
            self._agenda.put(feed_id, self._clock())
        try:
            while self._agenda or self._polls or self._slots.waiting:
                self._start_due()
                await self._rest()
        finally:
            await self._drop(set(self._polls))

    async def follow(self, share: FeedShare) -> None:
        """Poll this consumer's share of the feeds until cancelled.

        A poll that is under way then is dropped: its state was not saved, so nothing is lost, and
        what it published falls away by its id next time. Raises ConfigurationError when Kafka is
        there but refuses us.
        """
        self._is_following = True
        helpers = [
            asyncio.create_task(self._take_shares(share)),
            asyncio.create_task(self._watch_subscriptions()),
        ]
        for helper in helpers:
            helper.add_done_callback(lambda _: self._wake.set())
        try:
            while True:
                for helper in helpers:
                    if helper.done():
                        helper.result()
                self._start_due()
                await self._rest()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._drop(set(self._polls))
            await asyncio.gather(*self._dropped, return_exceptions=True)

    async def _take_shares(self, share: FeedShare) -> None:
        async for change in share.shares():
            await self._take(change)

    async def _take(self, change: Share) -> None:
        """Let go of the feeds that are another's now, and begin with those that are new here."""
        await self._holdings.take(change)
        await self._drop({feed_id for feed_id in self._polls if not self._owns(feed_id)})
        for known in (self._slow, self._proven):
            known -= {feed_id for feed_id in known if not self._owns(feed_id)}
        self._plan()
        following = len(self._agenda) + len(self._polls) + self._slots.waiting
        logger.info("following %d of %d feeds", following, len(self._subscriptions))

    async def _watch_subscriptions(self) -> None:
        while True:
            await asyncio.sleep(self._reload_seconds)
            try:
                changed = self._reload()
            except ConfigurationError as error:
                logger.warning("the feeds stay as they are: %s", error)
                continue
            if changed is not None:
                await self._resubscribe({each.id: each for each in changed})

    async def _resubscribe(self, subscriptions: Mapping[str, Subscription]) -> None:
        before, self._subscriptions = self._subscriptions, dict(subscriptions)
        changed = {feed_id for feed_id in before if before[feed_id] != subscriptions.get(feed_id)}
        await self._drop(changed)
        for feed_id in changed:
            self._let_go(feed_id)
        self._plan()
        following = len(self._agenda) + len(self._polls) + self._slots.waiting
        logger.info("the feeds changed: following %d", following)

    def _is_wanted(self, feed_id: str) -> bool:
        return feed_id in self._subscriptions and self._owns(feed_id)

    def _owns(self, feed_id: str) -> bool:
        return self._holdings.owns(feed_id)

    def _plan(self) -> None:
        """Put every feed of ours on the agenda that is not there yet, and take off what is not."""
        now = self._clock()
        for feed_id, subscription in self._subscriptions.items():
            if not self._owns(feed_id):
                self._let_go(feed_id)
            elif not self._is_planned(feed_id):
                due = self._next_poll(subscription, now)
                FEEDS_NOT_DUE.inc(due > now)
                self._agenda.put(feed_id, due)
        self._wake.set()

    def _is_planned(self, feed_id: str) -> bool:
        # A poll that is being dropped is among the slots until it has ended.
        return any(feed_id in each for each in (self._agenda, self._polls, self._slots))

    def _let_go(self, feed_id: str) -> None:
        """Plan nothing for a feed of which no poll is under way."""
        self._agenda.discard(feed_id)
        self._census.discard(feed_id)
        self._slots.leave(feed_id)
        self._due.pop(feed_id, None)
        self._told.discard(feed_id)
        self._proven.discard(feed_id)

    def _note_pace(self, feed_id: str, state: FeedState, *, first: bool = False) -> None:
        is_slow = state.work is not None and state.work.is_slow
        (self._slow.add if is_slow else self._slow.discard)(feed_id)
        (self._proven.discard if is_slow or first else self._proven.add)(feed_id)

    def _is_slow(self, feed_id: str) -> bool:
        if feed_id in self._slow or feed_id in self._proven or not self._proven:
            return feed_id in self._slow
        return not isinstance(self._holdings.known(feed_id), FeedState)

    def _next_poll(self, subscription: Subscription, now: datetime) -> datetime:
        """When a feed is polled next by what is known of it, as far as that can be believed."""
        known = self._holdings.known(subscription.id)
        if known is None:
            return now
        self._census.put(subscription.id, status_of(subscription, known).health)
        if not isinstance(known, FeedState):
            return now
        self._note_pace(subscription.id, known)
        state = self._poller.healed(subscription, known, now)
        if state != known:
            logger.warning(_HEALED, subscription.id)
            self._holdings.put(state)
        return state.next_poll_at or now

    def _start_due(self) -> None:
        while self._slots.are_free:
            has_asked = self._ask_next()
            feed_id = self._slots.begin()
            if feed_id is not None:
                self._start(feed_id)
            elif not has_asked:
                break
        WAITING.labels("host").set(self._slots.waiting)

    def _ask_next(self) -> bool:
        """Whether a feed was due, which now waits for a slot."""
        due, feed_id = self._agenda.next_due(), self._agenda.pop_due(self._clock())
        if feed_id is None or due is None:
            return False
        if self._is_wanted(feed_id):
            self._due[feed_id] = due
            host = host_of(self._subscriptions[feed_id].url) or ""
            self._slots.ask(feed_id, host, is_slow=self._is_slow(feed_id))
        return True

    def _start(self, feed_id: str) -> None:
        now, due = self._clock(), self._due.pop(feed_id)
        subscription = self._subscriptions.get(feed_id)
        hold = self._holdings.hold(subscription) if subscription is not None else None
        if hold is None:  # it is no more, or another's, since it waits
            self._slots.leave(feed_id)
            return
        POLL_DELAY.observe(max(0.0, (now - due).total_seconds()))
        poll = asyncio.create_task(self._poll(hold, now))
        # Not in the poll itself: one that is cancelled before it began would never give it back.
        poll.add_done_callback(lambda _: self._slots.leave(feed_id))
        self._polls[feed_id] = poll

    async def _poll(self, hold: Hold, now: datetime) -> None:
        feed_id = hold.subscription.id
        try:
            with POLL_SECONDS.time(), IN_FLIGHT.labels(Stage.FEEDS).track_inprogress():
                outcome = await self._poll_in_place(hold, now)
        except ConfigurationError:  # it concerns every feed, and no next poll cures it
            raise
        except FeedLost as lost:  # who has it now goes on from what was saved last
            logger.info("%s", lost)
            return
        except Exception as error:  # whatever it is, it must not stop the other feeds
            if problem := full_disk(error):
                logger.warning("polling %s failed: %s", feed_id, problem)
            else:
                logger.exception("polling %s failed", feed_id)
            outcome = _broken(hold, now)
        self._holdings.put(outcome.state)
        first = not isinstance(hold.known, FeedState)
        self._note_pace(feed_id, outcome.state, first=first)
        self._census.put(feed_id, health_of(outcome.state))
        self._report(outcome)

    async def _poll_in_place(self, hold: Hold, now: datetime) -> PollOutcome:
        """Poll with a slot, and once the feed is read with a place among those whose pages are."""
        feed_id, host = hold.subscription.id, host_of(hold.subscription.url) or ""
        async with AsyncExitStack() as held:

            async def on_read() -> None:
                guest = Name(host, self._is_slow(feed_id))
                await held.enter_async_context(self._places.turn(guest))
                self._slots.read(feed_id)
                self._wake.set()

            newcomers_wait = bool(self._proven)
            return await self._poller.poll(hold, now, on_read, newcomers_wait=newcomers_wait)

    def _report(self, outcome: PollOutcome) -> None:
        if outcome.state.error is not None:
            logger.warning("feed %s: %s", outcome.feed_id, outcome.state.error)
        if outcome.passed_over:
            logger.info(_PASSED_OVER, outcome.feed_id, outcome.passed_over)
        self._on_poll(outcome)

    async def _rest(self) -> None:
        """Until a poll ends, the next feed is due, or something changes; then clear away."""
        waking = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait(
                {*self._polls.values(), waking},
                timeout=self._until_due(),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waking.cancel()
        self._wake.clear()
        for feed_id, poll in list(self._polls.items()):
            if poll.done():
                del self._polls[feed_id]
                poll.result()
                self._put_next(feed_id)

    def _until_due(self) -> float | None:
        """Seconds until there is something to start; None while all slots are taken."""
        due = self._agenda.next_due()
        if due is None or not self._slots.are_free:
            return None
        return max(0.0, (due - self._clock()).total_seconds())

    def _put_next(self, feed_id: str) -> None:
        state = self._holdings.known(feed_id)
        wanted = self._is_following and feed_id in self._subscriptions
        if wanted and isinstance(state, FeedState) and state.next_poll_at is not None:
            told = self._told_wait(feed_id)
            rest = awake(state, state.polled_at + told) if told else state.polled_at
            if state.next_revisit_at is not None:  # of corrected pages nobody tells us
                rest = min(rest, state.next_revisit_at)
            self._agenda.put(feed_id, max(state.next_poll_at, rest))
            if feed_id in self._told:
                self._agenda.bring_forward(feed_id, self._earliest(feed_id))
        self._told.discard(feed_id)

    async def _drop(self, feed_ids: set[str]) -> None:
        dropped = [self._polls.pop(feed_id) for feed_id in feed_ids if feed_id in self._polls]
        for poll in dropped:
            poll.cancel()
        self._dropped.update(dropped)
        await asyncio.gather(*dropped, return_exceptions=True)
        self._dropped.difference_update(dropped)


async def _load(saved: FeedStates) -> Mapping[str, Stored]:
    while True:
        try:
            return await saved.load()
        except ServiceUnavailable as error:
            OUTAGES.labels("kafka").inc()
            logger.warning("cannot read the state of the feeds, trying again: %s", error)
            await asyncio.sleep(_LOAD_RETRY_SECONDS)


def whole(states: Mapping[str, Stored], writer: FeedWriter) -> Share:
    """All feeds, for a consumer that shares them with nobody."""
    return Share(partitions=frozenset({0}), partition=lambda _: 0, writer=writer, states=states)


def _broken(hold: Hold, now: datetime) -> PollOutcome:
    """The outcome of a poll that raised; of it no more is saved than was."""
    FEEDS_POLLED.labels("failed").inc()
    state = hold.of_this_turn(begin(hold.subscription, hold.known, now))
    state = replace(
        state,
        failures=state.failures + 1,
        error="the poll broke off; the log says why",
        next_poll_at=now + _BROKEN_WAIT,
    )
    return PollOutcome(feed_id=hold.subscription.id, outcome="failed", state=state)
