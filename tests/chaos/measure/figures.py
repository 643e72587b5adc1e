"""Figures from measurements: pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec


class Slope(msgspec.Struct, frozen=True):
    """A least-squares slope and its standard error, both for each unit of x."""

    value: float
    error: float

    @property
    def rises(self) -> bool:
        """Whether it is above zero by more than twice its error."""
        return self.value > 2 * self.error


def slope(points: Sequence[tuple[float, float]]) -> Slope | None:
    """The slope of y over x; None for fewer than three points, or points at one x."""
    count = len(points)
    if count < 3:
        return None
    mean_x = math.fsum(x for x, _ in points) / count
    mean_y = math.fsum(y for _, y in points) / count
    spread = math.fsum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        return None
    value = math.fsum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    left = math.fsum((y - mean_y - value * (x - mean_x)) ** 2 for x, y in points)
    return Slope(value, math.sqrt(left / (count - 2) / spread))


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed; 0 for none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
