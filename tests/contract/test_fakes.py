"""The fakes pass what the real ones must pass."""

from dataclasses import dataclass, field

import pytest

from pipeline.kafka.feed_states import stored
from pipeline.kafka.ports import FeedShare, FeedStates, IngestStates, Message, SavedSearches
from tests.contract.feed_share import FeedShareContract, Group
from tests.contract.feed_states import FeedStatesContract
from tests.contract.ingest_states import IngestStatesContract
from tests.contract.pieces import PiecesContract
from tests.contract.pieces import Topic as PiecesTopic
from tests.contract.publisher import LIMIT, PublisherContract, Sink
from tests.contract.revisions import RevisionsContract
from tests.contract.saved_searches import SavedSearchesContract
from tests.contract.tail import TailContract, Topic
from tests.fakes.kafka import (
    FakeFeedGroup,
    FakeFeedShare,
    FakeFeedStates,
    FakeIngestStates,
    FakePieces,
    FakePublisher,
    FakeSavedSearches,
    FakeTail,
)
from tests.fakes.shelf import FakeShelf


@dataclass
class FakeSink:
    publisher: FakePublisher = field(default_factory=lambda: FakePublisher(limit=LIMIT))
    topic: str = "articles"

    async def arrived(self) -> list[Message]:
        return self.publisher.of(self.topic)


class TestFakePublisher(PublisherContract):
    @pytest.fixture
    def sink(self) -> Sink:
        return FakeSink()


class TestFakeIngestStates(IngestStatesContract):
    @pytest.fixture
    def states(self) -> IngestStates:
        return FakeIngestStates()


class TestFakeFeedStates(FeedStatesContract):
    @pytest.fixture
    def states(self) -> FeedStates:
        return FakeFeedStates()


class FakeGroup:
    def __init__(self) -> None:
        self.states = FakeFeedStates()
        self._group = FakeFeedGroup(self.states)

    def join(self) -> FakeFeedShare:
        return self._group.join()

    async def store(self, key: bytes, value: bytes) -> None:
        self.states.states[key.decode()] = stored(key.decode(), value)

    async def leave(self, member: FeedShare) -> None:
        assert isinstance(member, FakeFeedShare)
        self._group.leave(member)


class TestFakeFeedShare(FeedShareContract):
    @pytest.fixture
    def group(self) -> Group:
        return FakeGroup()


class TestFakeSavedSearches(SavedSearchesContract):
    @pytest.fixture
    def searches(self) -> SavedSearches:
        return FakeSavedSearches()


@dataclass
class FakeTopic:
    publisher: FakePublisher = field(default_factory=FakePublisher)
    name: str = "alerts"

    def tail(self) -> FakeTail:
        return FakeTail(self.publisher, self.name)


class TestFakeTail(TailContract):
    @pytest.fixture
    def topic(self) -> Topic:
        return FakeTopic()


@dataclass
class FakeShared:
    publisher: FakePublisher = field(default_factory=FakePublisher)
    name: str = "notices"

    def pieces(self) -> FakePieces:
        return FakePieces(self.publisher, self.name, lambda each: self.partition(each.key))

    def partition(self, key: bytes) -> int:
        return int(key) % 2


class TestFakePieces(PiecesContract):
    @pytest.fixture
    def topic(self) -> PiecesTopic:
        return FakeShared()


class TestFakeRevisions(RevisionsContract):
    @pytest.fixture
    async def shelf(self) -> FakeShelf:
        return await FakeShelf().set_up()
