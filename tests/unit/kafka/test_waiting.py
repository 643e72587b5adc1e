"""An outage is waited out, and said once."""

from __future__ import annotations

import pytest

from pipeline.errors import ConfigurationError, ServiceUnavailable
from pipeline.kafka.cluster import waited_for


class Flaky:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    async def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "there"


async def test_an_outage_is_waited_out_and_told_once_at_its_begin_and_its_end() -> None:
    told: list[str] = []
    waits: list[None] = []
    call = Flaky(*[ServiceUnavailable("Kafka is gone")] * 5)
    assert await waited_for(call, told.append, 0.001, lambda: waits.append(None)) == "there"
    assert told == ["Kafka is gone; waiting for it", "Kafka answers: going on"]
    assert len(waits) == 5


async def test_without_an_outage_nothing_is_said() -> None:
    told: list[str] = []
    assert await waited_for(Flaky(), told.append) == "there"
    assert told == []


async def test_a_refusal_is_not_waited_for() -> None:
    with pytest.raises(ConfigurationError):
        await waited_for(Flaky(ConfigurationError("the login")), print)
