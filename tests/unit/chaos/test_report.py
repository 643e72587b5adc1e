from xml.etree import ElementTree as ET

import msgspec
import pytest

from tests.chaos.measure.figures import Slope
from tests.chaos.measure.memory import growth
from tests.chaos.measure.recovery import Recovery
from tests.chaos.measure.verdict import Verdict
from tests.chaos.plan import Planned
from tests.chaos.report import chaos_page, memory_picture, soak_page
from tests.chaos.results import Met, Recoveries, Row, Soak, recoveries

PLANNED = Planned(at=20.0, fault="kill", target="enrich", seconds=0.0)


def met(seconds: float | None) -> Met:
    return Met(planned=PLANNED, at=20.5, recovery=Recovery(seconds=seconds, last="enrich"))


def a_soak(**changes: object) -> Soak:
    fields: dict[str, object] = {
        "seed": 1,
        "minutes": 60,
        "seconds": 3600.0,
        "drained": 4.0,
        "made": {"feeds": 100},
        "verdict": Verdict(
            produced=90, indexed=90, dead_letters=0, kept=10, alerts=9, buried={}, findings=(),
        ),
        "recoveries": recoveries([met(2.0)]),
        "met": [met(2.0)],
        "memory": {"enrich": growth([(float(at), 100.0 + at / 600) for at in range(0, 3600, 10)])},
        "restarts": 1,
        "hopeless": {},
        "ingests": 3,
        "ingests_failed": 0,
        "ingests_stuck": 0,
        "delivered": 9,
        "delivered_again": 0,
        "plan": [PLANNED],
        "unread": [],
    }  # fmt: skip
    return Soak(**(fields | changes))  # type: ignore[arg-type]


def test_a_soak_in_which_everything_holds_is_good() -> None:
    assert a_soak().good
    assert "Every guarantee holds." in soak_page(a_soak())


@pytest.mark.parametrize(
    "changes",
    [
        {"drained": None},
        {"unread": ["feed-1"]},
        {"hopeless": {"enrich": "it has no model"}},
        {"recoveries": recoveries([met(6.0), met(6.0), met(1.0)])},
        {"recoveries": recoveries([met(1.0), met(1.0), met(31.0)])},
        {"recoveries": recoveries([met(1.0), met(None)])},
    ],
)
def test_anything_that_does_not_hold_is_not_good(changes: dict[str, object]) -> None:
    soak = a_soak(**changes)
    assert not soak.good
    assert "**Not every guarantee holds.**" in soak_page(soak)


def test_recoveries_have_median_and_longest_and_count_what_is_missing() -> None:
    found = recoveries([met(1.0), met(2.0), met(9.0), met(None)])
    assert found == Recoveries(faults=4, missing=1, median=2.0, p95=9.0, longest=9.0)


def test_memory_grows_by_what_comes_after_the_first_ten_minutes() -> None:
    points = [(float(at), 500.0 if at < 600 else 100 + at / 3600) for at in range(0, 3600, 10)]
    found = growth(points)
    assert found.most == 500
    assert found.per_hour is not None
    assert found.per_hour.value == pytest.approx(1.0)
    assert growth(points[:5]).per_hour is None


def test_a_row_of_the_chaos_page_says_what_holds() -> None:
    row = Row(fault="kill", what="", happened="a | b", lost=0, double=2, seconds=1.25, ok=False)
    page = chaos_page(1, [row, msgspec.structs.replace(row, ok=True, skipped=True)])
    assert "| kill | a \\| b | 0 | 2 | 1.2 | **no** |" in page
    assert "| skipped |" in page
    assert page.startswith("# Faults one by one, seed 1\n\n0 of 2 hold.")


def test_the_picture_is_svg_with_a_line_for_each_process() -> None:
    picture = memory_picture({"enrich": [(0.0, 100.0), (60.0, 110.0)], "index": [(30.0, 50.0)]})
    root = ET.fromstring(picture)
    assert len(root.findall("{*}polyline")) == 2
    assert memory_picture({})


def test_a_slope_without_growth_does_not_rise() -> None:
    assert not Slope(0.0, 0.0).rises
