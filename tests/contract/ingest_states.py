"""What every IngestStates does; a fake and the real one pass the same tests.

A test class inherits from :class:`IngestStatesContract` and gives the fixture ``states``.
"""

from __future__ import annotations

from pipeline.kafka.ports import IngestStates
from pipeline.records import IngestState
from tests.fakes.records import NOW


def a_state(path: str, **changes: object) -> IngestState:
    fields = {"path": path, "size": 1_000, "modified_ns": 1, "updated_at": NOW}
    return IngestState(**(fields | changes))  # type: ignore[arg-type]


class IngestStatesContract:
    """The suite."""

    async def test_before_anything_is_read_there_is_nothing(self, states: IngestStates) -> None:
        assert await states.load() == {}

    async def test_the_latest_progress_of_each_file_comes_back_whole(
        self, states: IngestStates
    ) -> None:
        latest = a_state("/ü/one.warc.gz", offset=2**40, skip=3, done=True)
        await states.save(a_state("/ü/one.warc.gz", offset=5))
        await states.save(a_state("/two.jsonl"))
        await states.save(latest)
        assert await states.load() == {latest.path: latest, "/two.jsonl": a_state("/two.jsonl")}
