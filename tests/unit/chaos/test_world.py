import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.feeds.parse import parse_feed
from tests.chaos.measure.compare import Version
from tests.chaos.world.feed import Feed
from tests.chaos.world.record import Made, Record
from tests.chaos.world.texts import SOUGHT, made_text, marker, marker_in, title


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    record = Record(tmp_path / "record.sqlite")
    yield record
    record.close()


def test_versions_come_back_from_old_to_new_whatever_order_they_were_made_in(
    record: Record,
) -> None:
    made = [
        Made(article="a", revision=revision, marker=f"K1V{revision}", origin="direct", must=must)
        for revision, must in ((3, True), (1, True), (2, False))
    ]
    record.add(made)
    record.add(made[:1])
    assert record.versions() == {
        "a": [Version("K1V1"), Version("K1V2", must=False), Version("K1V3")]
    }
    assert (record.count(), record.counts()) == (1, {"direct": 3})


def test_poison_is_counted_as_often_as_it_was_sent(record: Record) -> None:
    record.add_poison(["x", "y", "x"])
    assert record.poison() == {"x": 2, "y": 1}


def test_texts_are_short_and_the_same_for_the_same_seed() -> None:
    texts = [made_text(random.Random(seed)) for seed in range(200)]
    assert texts == [made_text(random.Random(seed)) for seed in range(200)]
    assert all(30 <= len(text.split()) <= 60 for text in texts)
    assert not any(SOUGHT in text for text in texts)
    assert SOUGHT in made_text(random.Random(1), sought=True)


def test_a_marker_is_found_in_its_title_and_nowhere_else() -> None:
    assert marker_in(title(marker(12, 3))) == "K12V3"
    assert marker_in("Kyiv and Vienna K V1 K1V KxV2") == ""


def a_feed() -> Feed:
    return Feed("courier", "http://127.0.0.1:80", random.Random(1), pages=False, dated=True)


def test_what_nobody_has_confirmed_stays_listed_and_is_not_corrected() -> None:
    feed, made = a_feed(), list[Made]()
    for _ in range(10):
        document = feed.ask(None, 5, made.extend)
    assert document is not None
    parsed = parse_feed(document.encode(), url="http://127.0.0.1:80/feed.xml")
    assert len(parsed.entries) == len(made) == 50
    assert {each.marker.partition("V")[2] for each in made} == {"1"}
    assert not feed.settled


def test_what_is_confirmed_may_go_or_be_corrected() -> None:
    feed, made = a_feed(), list[Made]()
    for _ in range(60):
        feed.ask(f'"{feed.serial}"', 5, made.extend)
    assert feed.ask(f'W/"{feed.serial}"', 0, made.extend) is None
    assert feed.settled
    assert len({each.article for each in made}) == 300
    assert any(each.marker.endswith("V2") for each in made)
    document = feed.ask(None, 0, made.extend)
    assert document is not None
    assert document.count("<item>") < 100


def test_a_request_without_validators_is_counted() -> None:
    feed = a_feed()
    feed.ask(None, 1, lambda _: None)
    feed.ask('"1"', 0, lambda _: None)
    assert feed.unconditional == 1
