"""A time series as points of a drawing; the template turns them into SVG, no script needed. Pure."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 16, 96, 24, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One value where it is drawn."""

    x: float
    y: float
    value: float
    disputed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Points in the order of their dates, and what the axes say."""

    points: Sequence[Point]
    years: Sequence[tuple[float, int]]
    """(x, year) of each mark on the axis of time."""
    levels: Sequence[tuple[float, float]]
    """(y, value) of each line across."""
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """Return the points that no source disputes, as SVG joins them to a line."""
        return " ".join(f"{one.x:.1f},{one.y:.1f}" for one in self.points if not one.disputed)


def time_of(partial_date: str) -> float:
    """Return a partial date as years: a year alone is its middle, a month likewise."""
    parts = [int(part) for part in partial_date.split("-")]
    if len(parts) == 1:
        return parts[0] + 0.5
    day = dt.date(parts[0], parts[1], parts[2] if len(parts) == 3 else 15)
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def chart_of(series: Sequence[tuple[str, float, bool]]) -> Chart | None:
    """Return the drawing of (partial date, value, disputed); None where there is no course in time.

    The axis of values begins at zero, so that a rise looks as large as it is.
    """
    dated = sorted((time_of(date), value, disputed) for date, value, disputed in series if date)
    if len({time for time, _, _ in dated}) < 2:
        return None
    first, last = dated[0][0], dated[-1][0]
    top = _ceiling(max(value for _, value, _ in dated))

    def x(time: float) -> float:
        return _LEFT + (time - first) / (last - first) * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM)

    years = range(math.ceil(first - 0.5), math.floor(last) + 1) or range(int(first), int(last) + 1)
    step = max(1, math.ceil(len(years) / 6))
    return Chart(
        points=[
            Point(x=x(time), y=y(value), value=value, disputed=disputed)
            for time, value, disputed in dated
        ],
        years=[(x(min(max(year + 0.5, first), last)), year) for year in years[::step]],
        levels=[(y(top * part), top * part) for part in (0, 0.5, 1)],
    )


def _ceiling(value: float) -> float:
    """Return the next of 1, 2, 2.5, 5 times a power of ten; 1 for what is not above zero."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)
