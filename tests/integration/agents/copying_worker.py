"""A worker whose handler copies messages to the enriched topic: the agents' shape, no more.

Arguments: a file. When a batch holds the message ``crash`` and the file does not exist yet, the
handler makes the file and raises.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import settings
from pipeline.agents.app import build_app
from pipeline.agents.batch import RawMessage
from pipeline.agents.worker import run, stop_on_signals
from pipeline.kafka.cluster import Cluster
from pipeline.kafka.ports import Message
from pipeline.kafka.publisher import KafkaPublisher


async def main(crashed: Path) -> int:
    chosen = settings.load()
    stop = asyncio.Event()
    stop_on_signals(stop)
    group = f"{chosen.kafka.group_prefix}-copy"
    with Cluster(chosen.kafka) as cluster:
        topic_id = cluster.topic_id(chosen.topics.articles)
    async with KafkaPublisher(chosen.kafka) as publisher:

        async def copy(batch: Sequence[RawMessage]) -> None:
            await asyncio.sleep(0.02)
            _crash_once(batch, crashed)
            await publisher.publish(
                [
                    Message(topic=chosen.topics.enriched, key=m.key or b"", value=m.value or b"")
                    for m in batch
                ]
            )

        app = build_app(
            kafka=chosen.kafka,
            workers=chosen.workers,
            group=group,
            topic=chosen.topics.articles,
            batch_size=20,
            batch_wait_seconds=0.1,
            handler=copy,
            on_batch=lambda: None,
            topic_id=topic_id,
        )
        return await run(app, stop)


def _crash_once(batch: Sequence[RawMessage], crashed: Path) -> None:
    if not crashed.exists() and any(message.value == b"crash" for message in batch):
        crashed.touch()
        raise RuntimeError("the handler failed")


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
