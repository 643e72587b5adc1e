"""Partitions are handed on between two decisions, never in the middle of one."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.agents.tenure import Tenure, TenureEnded

SOME = frozenset({0})


async def decide(tenure: Tenure, number: int) -> None:
    async with tenure.decision(number):
        pass


async def test_nothing_is_decided_before_the_first_partitions_and_between_two_shares() -> None:
    tenure = Tenure()
    with pytest.raises(TenureEnded):
        await decide(tenure, tenure.number)
    tenure.owns(SOME)
    await decide(tenure, tenure.number)
    await tenure.lets_go()
    with pytest.raises(TenureEnded):
        await decide(tenure, tenure.number)


async def test_what_was_begun_in_one_tenure_is_not_decided_in_the_next() -> None:
    tenure = Tenure()
    tenure.owns(SOME)
    before = tenure.number
    await tenure.lets_go()
    between = tenure.number
    tenure.owns(SOME)
    for number in (before, between):
        with pytest.raises(TenureEnded):
            await decide(tenure, number)
    await decide(tenure, tenure.number)


async def test_partitions_are_kept_until_a_decision_is_written() -> None:
    tenure = Tenure()
    tenure.owns(SOME)
    async with tenure.decision(tenure.number):
        going = asyncio.create_task(tenure.lets_go())
        await asyncio.sleep(0)
        assert not going.done()
    await going
