"""The end of what a station refuses: delivered, counted, and told in its trace."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.agents.taken import Refused
from pipeline.kafka.letters import LetterBox
from pipeline.kafka.ports import Publisher
from pipeline.settings import Settings
from pipeline.telemetry.spans import Tracer


class DeadLetters:
    """The dead letters of a station's messages."""

    def __init__(self, settings: Settings, publisher: Publisher, tracer: Tracer) -> None:
        self._box = LetterBox(
            publisher, settings.topics.dead_letters, settings.kafka.max_message_bytes
        )
        self._tracer = tracer

    async def settle(self, refused: Sequence[Refused]) -> None:
        """A :data:`pipeline.agents.gate.Settle`."""
        if not refused:
            return
        started = self._tracer.now()
        await self._box.send([each.addressed() for each in refused])
        for each in refused:
            each.count()
        stage = refused[0].letter.stage
        self._tracer.ended(stage, started, (each.step(len(refused)) for each in refused))
