import random
import statistics

import pytest

from tests.chaos.measure.figures import Slope, quantile, slope


def test_points_on_a_line_have_its_slope_without_error() -> None:
    found = slope([(x, 3 * x + 7) for x in range(10)])
    assert found is not None
    assert found.value == pytest.approx(3)
    assert found.error == pytest.approx(0, abs=1e-9)


def test_slope_and_error_agree_with_the_statistics_of_many_samples() -> None:
    chance = random.Random(1)
    made = [slope([(x, 0.5 * x + chance.gauss(0, 2)) for x in range(50)]) for _ in range(400)]
    values = [each.value for each in made if each]
    errors = [each.error for each in made if each]
    assert statistics.mean(values) == pytest.approx(0.5, abs=0.01)
    assert statistics.mean(errors) == pytest.approx(statistics.stdev(values), rel=0.1)


def test_few_points_and_points_at_one_place_have_no_slope() -> None:
    assert slope([(1, 1), (2, 2)]) is None
    assert slope([(1, 1), (1, 2), (1, 3)]) is None


@pytest.mark.parametrize(("value", "error", "rises"), [(3, 1, True), (2, 1, False), (-3, 1, False)])
def test_a_slope_rises_when_it_is_above_twice_its_error(
    value: float, error: float, rises: bool
) -> None:
    assert Slope(value, error).rises is rises


def test_quantiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [quantile(values, share) for share in (0, 0.5, 0.95, 1)] == [1, 3, 5, 5]
    assert quantile([], 0.5) == 0
