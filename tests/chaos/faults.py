"""The faults of a soak, done to a world and its processes: each returns when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import msgspec
from elasticsearch import Elasticsearch
from kafka import KafkaAdminClient

from pipeline.kafka.connection import client_options
from pipeline.kafka.publisher import KafkaPublisher
from pipeline.kafka.states import FEED_STATES, KafkaStates
from pipeline.records import FeedState
from pipeline.settings import Settings
from tests.chaos.harness.processes import Processes
from tests.chaos.harness.proxy import FAIR, Weather
from tests.chaos.plan import SERVERS
from tests.chaos.world.world import World

_CORRECTED_AFTER_SECONDS = 40.0
_DAYS_AHEAD = timedelta(days=400)
_SLOW = Weather(delay_seconds=0.1)
_THROTTLED = Weather(bytes_per_second=500_000)

Sleep = Callable[[float], None]


class Scene(NamedTuple):
    """Where a fault happens. ``sleep`` waits out its length."""

    world: World
    processes: Processes
    sleep: Sleep = time.sleep


def kill(scene: Scene, target: str, _: float) -> None:
    """SIGKILL for the process that does the work."""
    scene.processes.kill(target)


def kill_tree(scene: Scene, target: str, _: float) -> None:
    """SIGKILL for a command, its supervisor and all its children."""
    scene.processes.kill_tree(target)


def stop(scene: Scene, target: str, seconds: float) -> None:
    """SIGSTOP, and SIGCONT when the time is over."""
    paused = scene.world.servers if target in SERVERS else scene.processes
    paused.pause(target)
    try:
        scene.sleep(seconds)
    finally:
        paused.resume(target)


def restart(scene: Scene, target: str, _: float) -> None:
    """An orderly end; a server is started again, a process by its supervisor."""
    if target in SERVERS:
        scene.world.servers.end(target)
        scene.world.servers.start(target)
    else:
        scene.processes.restart(target)


def kill_server(scene: Scene, target: str, seconds: float) -> None:
    """SIGKILL for a server, which is started again when the time is over."""
    scene.world.servers.kill(target)
    try:
        scene.sleep(seconds)
    finally:
        scene.world.servers.start(target)


def weather(bad: Weather) -> Callable[[Scene, str, float], None]:
    """What passes the server's proxy fares badly for the time."""

    def fault(scene: Scene, target: str, seconds: float) -> None:
        scene.world.servers.weather(target, bad)
        try:
            scene.sleep(seconds)
        finally:
            scene.world.servers.weather(target, FAIR)

    return fault


def read_only(scene: Scene, _: str, seconds: float) -> None:
    """The block that Elasticsearch sets on all indices when its disk is full."""
    block(scene.world.own, blocked=True)
    try:
        scene.sleep(seconds)
    finally:
        block(scene.world.own, blocked=False)


def block(settings: Settings, *, blocked: bool) -> None:
    """Set the block on the indices of a line, or take it away."""
    name = "index.blocks.read_only_allow_delete"
    indices = ",".join(f"{alias}-*" for alias in settings.index.aliases)
    with Elasticsearch(settings.elasticsearch.hosts, request_timeout=60) as client:
        client.indices.put_settings(
            index=indices, settings={name: True if blocked else None}, allow_no_indices=True
        )


def poison(scene: Scene, target: str, _: float) -> None:
    """Messages that are no record of the topic."""
    topic = getattr(scene.world.own.topics, target)
    scene.world.background.run(scene.world.direct.poison(topic), 120)


def clock(scene: Scene, target: str, _: float) -> None:
    """Something that comes from a clock far ahead."""
    world = scene.world
    if target == "feed-state":
        wrong_feed_state(scene)
    elif target == "first-seen":
        world.background.run(world.direct.wrong_first_seen(), 120)
    else:
        world.begin(world.direct.wrong_revision(_CORRECTED_AFTER_SECONDS))


def wrong_feed_state(scene: Scene) -> None:
    """The state of a feed was written by a clock that was 400 days ahead."""
    consumers = [each for each in scene.processes.names if each.startswith("feeds")]
    scene.processes.hold(*consumers)
    try:
        scene.world.background.run(_set_ahead(scene.world.own), 120)
    finally:
        scene.processes.release(*consumers)


async def _set_ahead(settings: Settings) -> None:
    async with KafkaPublisher(settings.kafka) as publisher:
        states = KafkaStates(settings.kafka, settings.topics.feeds, publisher, FEED_STATES)
        known = await states.load()
        state = known[min(name for name in known if name.startswith("feed-"))]
        await states.save(_ahead(state))


def _ahead(state: FeedState) -> FeedState:
    times = {name: getattr(state, name) for name in ("polled_at", "fetched_at", "next_poll_at")}
    ahead = {name: time + _DAYS_AHEAD for name, time in times.items() if time is not None}
    return msgspec.structs.replace(state, **ahead)


def partitions(scene: Scene, target: str, _: float) -> None:
    """One more partition of a topic."""
    add_partition(scene.world.own, getattr(scene.world.own.topics, target))


def add_partition(settings: Settings, topic: str) -> int:
    """Give a topic one partition more than it has; its number."""
    client = KafkaAdminClient(**client_options(settings.kafka))
    try:
        count = len(client.describe_topics([topic])[0]["partitions"])
        client.create_partitions({topic: count + 1})
        return count
    finally:
        client.close()


FAULTS: dict[str, Callable[[Scene, str, float], None]] = {
    "kill": kill,
    "kill-tree": kill_tree,
    "stop": stop,
    "restart": restart,
    "kill-server": kill_server,
    "cut": weather(Weather(down=True)),
    "slow": weather(_SLOW),
    "throttle": weather(_THROTTLED),
    "read-only": read_only,
    "answers-429": weather(Weather(status=429)),
    "answers-503": weather(Weather(status=503)),
    "poison": poison,
    "clock": clock,
    "partitions": partitions,
}
