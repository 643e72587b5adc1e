from datetime import timedelta

from msgspec.structs import replace

from pipeline.feeds.decide import GONE_LIMIT, Decision, decide, entry_key, remember, versions
from pipeline.feeds.parsed import Entry
from pipeline.records import FeedState, SeenEntry, SeenPage
from tests.fakes.feeds import FEED_URL, MORNING, an_entry


def seen(sha256: str = "a" * 64, minutes: int = 0) -> SeenEntry:
    return SeenEntry(
        article_id="b" * 32,
        entry_sha256=sha256,
        first_seen_at=MORNING + timedelta(minutes=minutes),
    )


def after(*entries: Entry, before: FeedState | None = None) -> FeedState:
    """The state once all that was due has been published."""
    decision = decide(entries, before)
    current = dict(decision.known) | {v.key: seen(v.sha256) for v in decision.due}
    kept = remember(before.seen if before else {}, current)
    return FeedState(feed_id="courier", url=FEED_URL, polled_at=MORNING, seen=kept)


def due(decision: Decision) -> list[str]:
    return [version.entry.title for version in decision.due]


def test_everything_in_a_new_feed_is_due_oldest_first() -> None:
    entries = tuple(an_entry(number) for number in (3, 2, 1))
    titles = [an_entry(number).title for number in (1, 2, 3)]
    assert due(decide(entries, None)) == titles


def test_entries_without_times_are_taken_from_the_bottom_up() -> None:
    entries = tuple(an_entry(number, published=None) for number in (3, 2, 1))
    assert [v.entry.id for v in versions(entries)] == ["tag:1", "tag:2", "tag:3"]


def test_what_was_seen_is_known_and_what_changed_is_due() -> None:
    before = after(an_entry(1), an_entry(2))
    decision = decide((an_entry(1), an_entry(2, title="Corrected"), an_entry(3)), before)
    assert due(decision) == ["Corrected", an_entry(3).title]
    assert set(decision.known) == {"tag:1"}


def test_two_versions_of_an_entry_are_both_due_the_correction_last() -> None:
    first = an_entry(1, updated=MORNING)
    correction = an_entry(1, title="Corrected", updated=MORNING + timedelta(hours=1))
    assert due(decide((correction, first), None)) == [first.title, "Corrected"]
    assert due(decide((first, correction), None)) == [first.title, "Corrected"]


def test_versions_seen_once_are_never_due_again() -> None:
    entries = [
        an_entry(1, title=f"Version {n}", updated=MORNING + timedelta(hours=n)) for n in range(3)
    ]
    one = after(entries[0])
    assert due(decide((entries[1], entries[0]), one)) == ["Version 1"]
    two = after(entries[1], entries[0], before=one)
    assert due(decide((entries[1], entries[0]), two)) == []
    assert due(decide((entries[1],), two)) == []
    assert due(decide((entries[2], entries[1], entries[0]), two)) == ["Version 2"]


def test_an_entry_listed_twice_just_the_same_is_one() -> None:
    assert len(versions((an_entry(1), an_entry(1)))) == 1


def test_a_long_id_is_remembered_by_its_hash() -> None:
    assert len(entry_key(an_entry(1, id="x" * 500))) == 64
    assert entry_key(an_entry(1, id="short")) == "short"


def test_entries_that_left_the_feed_are_remembered_for_a_while() -> None:
    before = after(an_entry(1))
    assert due(decide((an_entry(1),), after(an_entry(2), before=before))) == []


def test_memory_is_bounded_and_the_current_document_comes_first() -> None:
    old = {f"old{n}": seen(minutes=n) for n in range(GONE_LIMIT + 1)}
    current = {f"new{n}": seen() for n in range(10)}
    kept = remember(old, current)
    assert len(kept) == GONE_LIMIT + len(current)
    assert set(current) <= set(kept)
    assert f"old{GONE_LIMIT}" in kept
    assert "old0" not in kept
    assert list(kept)[-10:] == list(current)


def test_markup_that_changes_around_the_same_words_is_no_news() -> None:
    before = after(an_entry(1, summary='<img src="https://a.example/x?t=1">Bridge <b>shut</b>'))
    again = an_entry(1, summary='<img src="https://a.example/x?t=2"><i>Bridge</i> shut')
    assert due(decide((again,), before)) == []


def test_of_what_left_the_feed_no_validators_are_kept() -> None:
    page = SeenPage(revisits=1, etag='"1"', last_modified="then", chars=900)
    before = {"gone": replace(seen(), page=page), "plain": seen()}
    assert remember(before, {})["gone"].page == SeenPage(revisits=1, chars=900)
    assert remember(before, {})["plain"] == seen()


def test_versions_of_known_entries_stand_in_the_feed_without_those_they_correct() -> None:
    first = an_entry(1, updated=MORNING)
    correction = an_entry(1, title="Corrected", updated=MORNING + timedelta(hours=1))
    before = after(correction, first, an_entry(2))
    decision = decide((correction, first, an_entry(2), an_entry(3)), before)
    assert [v.entry.title for v in decision.standing] == [an_entry(2).title, "Corrected"]


def test_the_page_of_a_version_that_was_corrected_is_not_kept() -> None:
    first = an_entry(1, updated=MORNING)
    correction = an_entry(1, title="Corrected", updated=MORNING + timedelta(hours=1))
    before = after(first)
    before = replace(before, seen={"tag:1": replace(before.seen["tag:1"], page=SeenPage())})
    assert decide((first,), before).known["tag:1"].page == SeenPage()
    (old,) = decide((correction, first), before).known.values()
    assert old.page is None
