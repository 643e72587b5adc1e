"""How operations are asked for, waited for and counted."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from elasticsearch import ConnectionTimeout

from pipeline.index.bulk import Patience, bulk
from pipeline.index.bulk_outcome import BACKOFF_CAP_SECONDS, Conflict, Final, Ok, Operation, Refused
from pipeline.metrics import BULK_ITEMS
from pipeline.records import Reason
from tests.fakes.elasticsearch import ScriptedBulk, api_error, every, failing, items

THREE = [Operation(index="i", id=f"{n}", version=1, document=b"{}") for n in range(3)]


class Waiting:
    """Counts beats, writes down waits."""

    def __init__(self) -> None:
        self.beats = 0
        self.waits: list[float] = []

    def beat(self) -> None:
        self.beats += 1

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def patience(self) -> Patience:
        return Patience(on_wait=self.beat, sleep=self.sleep, jitter=lambda: 1.0)


async def sent(client: ScriptedBulk, waiting: Waiting, **changes: Any) -> list[Final]:
    arguments = {"max_bytes": 1_000_000, "patience": waiting.patience()} | changes
    return await bulk(client, THREE, **arguments)  # type: ignore[arg-type]


async def test_outcomes_stand_in_the_order_of_operations_whatever_the_order_of_success() -> None:
    client = ScriptedBulk(items(503, 409, 429), items(201, 400))
    outcomes = await sent(client, Waiting())
    assert outcomes == [Ok(), Conflict(), Refused("HTTP 400")]


async def test_only_what_failed_is_asked_again() -> None:
    client = ScriptedBulk(items(201, 503, 201), every(201))
    await sent(client, Waiting())
    assert [len(request) for request in client.requests] == [6, 2]


async def test_every_outcome_is_counted_once_and_every_repetition() -> None:
    def counts() -> list[float]:
        return [
            BULK_ITEMS.labels(outcome=name)._value.get()
            for name in ("ok", "conflict", "refused", "retried")
        ]

    before = counts()
    await sent(
        ScriptedBulk(failing(api_error(413)), items(503), items(201), items(409, 400)), Waiting()
    )
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [1, 1, 1, 1]


async def test_each_wait_beats_and_is_longer_than_the_one_before() -> None:
    waiting = Waiting()
    await sent(ScriptedBulk(*[failing(ConnectionTimeout("no"))] * 4, every(201)), waiting)
    assert waiting.waits == [0.2, 0.4, 0.8, 1.6]
    assert waiting.beats == 4


async def test_denied_access_is_waited_out_at_length_and_never_a_dead_letter() -> None:
    waiting = Waiting()
    denied = failing(api_error(401)), every(403, "security_exception")
    assert await sent(ScriptedBulk(*denied, every(201)), waiting) == [Ok()] * 3
    assert waiting.waits == [BACKOFF_CAP_SECONDS] * 2


async def test_an_outage_is_told_of_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="pipeline.index.bulk"):
        await sent(ScriptedBulk(*[failing(api_error(503))] * 25, every(201)), Waiting())
    assert len(caplog.records) == 3
    assert "HTTP 503" in caplog.text


async def test_a_single_operation_over_the_servers_limit_is_refused_as_too_large() -> None:
    outcomes = await sent(ScriptedBulk(failing(api_error(413))), Waiting())
    assert [each.reason for each in outcomes if isinstance(each, Refused)] == [Reason.TOO_LARGE] * 3


async def test_requests_keep_to_the_limit_in_bytes() -> None:
    client = ScriptedBulk(every(201))
    await sent(client, Waiting(), max_bytes=THREE[0].size() * 2)
    assert [len(request) for request in client.requests] == [4, 2]


async def test_nothing_to_do_asks_nothing() -> None:
    client = ScriptedBulk(every(201))
    assert await bulk(client, [], max_bytes=1, patience=Waiting().patience()) == []  # type: ignore[arg-type]
    assert client.requests == []
