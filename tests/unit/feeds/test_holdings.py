"""Without a state that was read there is nothing to poll with, and nothing to save by."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from pipeline.errors import FeedLost
from pipeline.feeds.hold import Hold
from pipeline.feeds.holdings import Holdings
from pipeline.feeds.shelf import Shelf
from pipeline.kafka.ports import NeverPolled, Share, Unreadable
from pipeline.records import FeedState, Reason
from tests.fakes.feeds import FEED_URL, MORNING, a_subscription
from tests.fakes.kafka import FakeFeedShare, FakeFeedStates

STATE = FeedState(feed_id="courier", url=FEED_URL, polled_at=MORNING, turn=4)
BROKEN = Unreadable(value=b"{", reason=Reason.UNDECODABLE, detail="cut off", turn=7)


async def given(share: FakeFeedShare, holdings: Holdings | None = None) -> Holdings:
    """After one share more."""
    holdings = holdings or Holdings(Shelf().states, {})
    async for change in share.shares():
        await holdings.take(change)
        break
    return holdings


def hold_of(holdings: Holdings) -> Hold:
    hold = holdings.hold(a_subscription())
    assert hold is not None
    return hold


async def test_before_a_share_came_there_is_no_answer_and_nothing_to_hold() -> None:
    holdings = Holdings({}, {})
    assert holdings.known("courier") is None
    assert holdings.hold(a_subscription()) is None


async def test_never_polled_is_what_was_read_and_unread_is_no_answer() -> None:
    states = FakeFeedStates()
    holdings = await given(FakeFeedShare(states).gives(1))
    assert holdings.known("courier") is None
    holdings = await given(FakeFeedShare(states).gives(0))
    assert holdings.known("courier") == NeverPolled()


async def test_a_feed_is_nobodys_while_its_states_are_taken_in() -> None:
    states = FakeFeedStates()
    states.states = {f"feed-{n}": replace(STATE, feed_id=f"feed-{n}") for n in range(0, 3000, 2)}
    holdings, share = Holdings(Shelf().states, {}), FakeFeedShare(states).gives(0)
    change: Share = await anext(aiter(share.shares()))
    taking = asyncio.ensure_future(holdings.take(change))
    while not taking.done():
        held = [holdings.known(f"feed-{n}") for n in (0, 1500, 2998)]
        assert taking.done() or held == [None] * 3
        await asyncio.sleep(0)
    assert isinstance(holdings.known("feed-2998"), FeedState)


@pytest.mark.parametrize("known", [None, STATE, BROKEN])
async def test_who_takes_over_writes_in_a_later_turn(known: FeedState | Unreadable | None) -> None:
    states = FakeFeedStates()
    if known is not None:
        states.states["courier"] = known
    hold = hold_of(await given(FakeFeedShare(states).gives(0)))
    saved = await hold.save(replace(STATE, turn=0))
    assert saved.turn == (known.turn + 1 if known else 1)
    assert states.states["courier"] == saved


async def test_a_turn_lasts_from_poll_to_poll() -> None:
    states = FakeFeedStates()
    holdings = await given(FakeFeedShare(states).gives(0))
    for _ in range(3):
        holdings.put(await hold_of(holdings).save(STATE))
    assert states.states["courier"].turn == 1


async def test_what_went_to_another_consumer_cannot_be_saved_and_is_forgotten() -> None:
    states = FakeFeedStates()
    states.states["courier"] = STATE
    share = FakeFeedShare(states).gives(0)
    holdings = await given(share)
    hold = hold_of(holdings)
    await given(share.gives(1), holdings)
    with pytest.raises(FeedLost):
        await hold.save(STATE)
    holdings.put(STATE)
    assert holdings.hold(a_subscription()) is None
    assert states.states["courier"] == STATE
