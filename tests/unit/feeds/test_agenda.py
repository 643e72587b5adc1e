"""Which feed is due when."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pipeline.feeds.agenda import Agenda

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
feeds = st.sampled_from("abcdef")
minutes = st.integers(0, 100).map(lambda n: timedelta(minutes=n))


class AgendaMachine(RuleBasedStateMachine):
    """An agenda does what a plain dict does, slowly."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda = Agenda()
        self.plain: dict[str, datetime] = {}

    @rule(feed=feeds, wait=minutes)
    def put(self, feed: str, wait: timedelta) -> None:
        self.agenda.put(feed, NOON + wait)
        self.plain[feed] = NOON + wait

    @rule(feed=feeds)
    def discard(self, feed: str) -> None:
        self.agenda.discard(feed)
        self.plain.pop(feed, None)

    @rule(wait=minutes)
    def pop_due(self, wait: timedelta) -> None:
        now = NOON + wait
        due = [(time, feed) for feed, time in self.plain.items() if time <= now]
        expected = min(due)[1] if due else None
        assert self.agenda.pop_due(now) == expected
        if expected is not None:
            del self.plain[expected]

    @invariant()
    def agrees(self) -> None:
        assert len(self.agenda) == len(self.plain)
        assert all((feed in self.agenda) == (feed in self.plain) for feed in "abcdef")
        assert self.agenda.next_due() == min(self.plain.values(), default=None)


TestAgenda = AgendaMachine.TestCase
