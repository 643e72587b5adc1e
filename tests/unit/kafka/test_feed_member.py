"""A member of the group that shares out the feeds, with the client and the topic in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition
from msgspec.structs import replace

from pipeline.kafka.feed_member import FeedMember, partition_of
from pipeline.kafka.feed_tenure import FeedTenure
from pipeline.kafka.ports import Entry, Share
from pipeline.records import FeedState, encode
from tests.fakes.kafka import FakePublisher
from tests.fakes.records import NOW

STATE = FeedState(feed_id="", url="https://courier.example/rss", polled_at=NOW)
FEEDS = [f"feed-{number}" for number in range(60)]


class FakeClient:
    """What a member asks of a client: tells of assignments when it is polled."""

    def __init__(self, partitions: int = 4) -> None:
        self.partitions = partitions
        self.generation = 0
        self.coming: list[Callable[[], None]] = []
        self.topic_id = "made once"
        self.listener: Any = None
        self.paused: set[TopicPartition] = set()
        self._cluster = SimpleNamespace(topic_id=lambda _: self.topic_id)
        self._coordinator = SimpleNamespace(
            heartbeat=SimpleNamespace(last_receive=float("inf"), last_reset=0)
        )

    def assigns(self, *numbers: int, generations: int = 1) -> None:
        """Have the next poll tell of an assignment."""

        def tell() -> None:
            self.listener.on_partitions_revoked([])
            self.generation += generations
            self.listener.on_partitions_assigned([TopicPartition("t", n) for n in numbers])

        self.coming.append(tell)

    def loses_all(self) -> None:
        self.coming.append(lambda: self.listener.on_partitions_lost([]))

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        assert timeout_ms
        if self.coming:
            self.coming.pop(0)()
        return {}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert offset == 0

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused |= set(partitions)

    def partitions_for_topic(self, _: str) -> set[int]:
        return set(range(self.partitions))

    def group_metadata(self) -> Any:
        return SimpleNamespace(member_id="us", generation_id=self.generation)


class FakeReading:
    """Gives the states one by one."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._left = list(entries)

    def next(self, timeout_ms: int) -> list[Entry]:
        assert timeout_ms
        return [self._left.pop(0)] if self._left else []

    def is_done(self) -> bool:
        return not self._left

    def close(self) -> None:
        """Nothing is open."""


class Group:
    """A member with all there is around it."""

    def __init__(self) -> None:
        self.client = FakeClient()
        self.shares: list[Share] = []
        self.reads = 0
        self.tenure = FeedTenure(FakePublisher(), "states")
        self.member = FeedMember(self.client, "t", self.tenure, self.shares.append, self._read)  # type: ignore[arg-type]
        self.client.listener = self.member

    def _read(self) -> FakeReading:
        self.reads += 1
        return FakeReading(
            [
                Entry(feed.encode(), encode(replace(STATE, feed_id=feed)), partition_of(4, feed))
                for feed in FEEDS
            ]
        )

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.member.step()

    @property
    def owned(self) -> set[str]:
        return {feed for feed in FEEDS if self.shares[-1].owns(feed)}

    @property
    def given(self) -> set[str]:
        """Feeds whose states came with any share."""
        return {feed for share in self.shares for feed in share.states}


@pytest.fixture
def group() -> Group:
    return Group()


def test_an_assignment_that_is_told_twice_while_states_are_read_gives_nothing_early(
    group: Group,
) -> None:
    group.client.assigns(0, 1, 2, 3)
    group.steps(10)
    group.client.assigns(0, 1, 2, 3)
    group.client.assigns(0, 1, 2, 3, generations=0)
    group.steps(10)
    assert group.owned == set()
    group.steps(len(FEEDS))
    assert group.owned == group.given == set(FEEDS)
    assert group.reads == 1


def test_what_is_lost_while_it_is_read_is_given_to_nobody(group: Group) -> None:
    group.client.assigns(0, 1, 2, 3)
    group.steps(10)
    group.client.assigns(1)
    group.steps(len(FEEDS))
    assert group.owned == group.given == {feed for feed in FEEDS if partition_of(4, feed) == 1}


def test_after_the_group_went_on_without_us_everything_is_read_anew(group: Group) -> None:
    group.client.assigns(0, 1, 2, 3)
    group.steps(len(FEEDS) + 5)
    group.client.loses_all()
    group.steps(1)
    assert group.owned == set()
    group.client.assigns(0, 1, 2, 3, generations=2)
    group.steps(5)
    assert (group.owned, group.reads) == (set(), 2)
    group.steps(len(FEEDS))
    assert group.owned == set(FEEDS)


def test_what_is_kept_stays_ours_while_what_came_on_top_is_read(group: Group) -> None:
    group.client.assigns(0)
    group.steps(len(FEEDS) + 5)
    kept = group.owned
    group.client.assigns(0, 1)
    group.steps(5)
    assert group.owned == kept
    group.steps(len(FEEDS))
    assert group.owned == {feed for feed in FEEDS if partition_of(4, feed) in (0, 1)}
    assert kept.isdisjoint(group.shares[-1].states)


@pytest.mark.parametrize(
    ("partitions", "topic_id", "told"),
    [(6, "made once", "6 partitions now, not 4"), (4, "made again", "was made again")],
)
def test_a_topic_that_changed_is_read_anew_and_told_of_once(
    group: Group, caplog: pytest.LogCaptureFixture, partitions: int, topic_id: str, told: str
) -> None:
    group.client.assigns(0, 1, 2, 3)
    group.steps(len(FEEDS) + 5)
    group.client.partitions, group.client.topic_id = partitions, topic_id
    group.steps(3)
    assert group.owned == set()
    group.steps(len(FEEDS))
    assert group.owned == {feed for feed in FEEDS if partition_of(partitions, feed) < 4}
    assert caplog.text.count(told) == 1


def test_nothing_is_fetched_by_the_groups_own_consumer(group: Group) -> None:
    group.client.assigns(0, 1)
    group.steps(1)
    assert group.client.paused == {TopicPartition("t", 0), TopicPartition("t", 1)}
