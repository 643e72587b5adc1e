import time

from tests.chaos.measure.progress import Sample, Station
from tests.chaos.measure.recovery import measure, waiting_stations
from tests.chaos.supply import next_rate
from tests.chaos.world.site import INTERVAL_SECONDS, lateness


def a_sample(at: float = 0.0, **stations: tuple[int, int]) -> Sample:
    return Sample(at=at, stations={name: Station(*each) for name, each in stations.items()})


BEFORE = a_sample(index=(10, 5), enrich=(20, 0))


def test_a_station_waits_while_it_is_behind_and_has_committed_nothing_since() -> None:
    assert waiting_stations(BEFORE, a_sample(index=(10, 9), enrich=(20, 0))) == {"index"}
    assert waiting_stations(BEFORE, a_sample(index=(11, 9), enrich=(20, 3))) == {"enrich"}
    assert waiting_stations(BEFORE, a_sample(index=(10, 0), enrich=(20, 0))) == set()


def test_a_station_that_was_never_seen_waits_until_it_commits() -> None:
    assert waiting_stations(a_sample(), a_sample(alert=(0, 4))) == {"alert"}


def test_recovery_is_when_the_last_station_goes_on() -> None:
    ended = time.monotonic()
    samples = iter(
        [
            a_sample(ended - 1, index=(99, 1)),  # from before the end of the fault: says nothing
            a_sample(ended + 1, index=(10, 6), enrich=(20, 1)),
            a_sample(ended + 2, index=(10, 6), enrich=(21, 1)),
            a_sample(ended + 7, index=(12, 4), enrich=(22, 1)),
        ]
    )
    found = measure(ended, BEFORE, lambda: next(samples), dict)
    assert found.last == "index"
    assert found.seconds is not None
    assert round(found.seconds) == 7


def test_recovery_waits_for_feeds_and_tells_the_latest() -> None:
    ended = time.monotonic()
    late = iter([{"one": 1.0, "two": None}, {"one": 1.0, "two": 9.0}])
    now = a_sample(ended + 1, index=(10, 0), enrich=(20, 0))
    found = measure(ended, BEFORE, lambda: now, lambda: next(late))
    assert (found.seconds, found.last) == (9.0, "two")


def test_what_does_not_recover_is_named() -> None:
    ended = time.monotonic()
    now = a_sample(ended + 1, index=(10, 6), enrich=(20, 0))
    found = measure(ended, BEFORE, lambda: now, lambda: {"courier": None}, patience=0.2)
    assert (found.seconds, found.last) == (None, "index, courier")


def test_a_feed_is_late_by_what_it_waited_beyond_its_interval() -> None:
    due = 10 + 1.1 * INTERVAL_SECONDS
    assert lateness([10.0, due + 4], since=10.5) == 4
    assert lateness([10.0, due + 4], since=due + 3) == 1
    assert lateness([10.0, 11.0], since=10.5) == 0
    assert lateness([12.0], since=10.0) == 2


def test_a_feed_that_was_not_asked_since_is_silent() -> None:
    assert lateness([10.0], since=10.5) is None
    assert lateness([], since=0) is None


def test_a_feed_whose_polls_take_long_is_late_beyond_its_own_rhythm() -> None:
    assert lateness([0.0, 8.0, 16.0, 25.0], since=17.0) == 1


def test_the_supply_slows_down_at_once_and_speeds_up_slowly() -> None:
    assert next_rate(100, behind=10_000) < 80
    assert 100 < next_rate(100, behind=0) < 120
    assert next_rate(100, behind=1_000) == 100
    assert next_rate(1, behind=10_000) == 1
