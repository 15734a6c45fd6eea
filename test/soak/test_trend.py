# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random

from restage.soak.histogram import Histogram
from restage.soak.quiet_points import QuietPoints, leaks
from restage.soak.thinned import Thinned
from restage.soak.trend import trend


def life(start: float, per_hour: float, noise: float, count: int, base: float) -> list:
    rng = random.Random(start)
    return [
        (start + 10.0 * i, base + per_hour * 10.0 * i / 3600 + rng.gauss(0, noise))
        for i in range(count)
    ]


def test_a_slope_over_lives_of_different_sizes() -> None:
    found = trend([life(0, 120, 0.1, 60, 300), life(1000, 120, 0.1, 60, 100)])
    assert found.low is not None
    assert found.high is not None
    assert 100 < found.low < found.per_hour < found.high < 140
    assert found.exceeds(64)


def test_a_growth_that_is_not_worth_speaking_of_yet_is_no_leak() -> None:
    found = trend([life(0, 500, 0.1, 12, 300)])  # 15 MiB in two minutes
    assert found.low is not None
    assert found.low > 64
    assert not found.exceeds(64)


def test_noise_is_no_growth_and_neither_is_a_respawn() -> None:
    lives = [life(100.0 * n, 0, 3, 5, base) for n, base in enumerate((100, 200, 300, 400, 500))]
    assert not trend(lives).exceeds(64)


def test_too_few_points_say_nothing() -> None:
    assert trend([[(0.0, 1.0)]]).per_hour is None
    assert not trend([[(0.0, 0.0), (1.0, 1e6)]]).exceeds(64)


def test_what_leaks_is_named() -> None:
    points = QuietPoints()
    for at_s in range(0, 3600, 10):
        points.add('camera', 1, at_s, {'fds': at_s // 60, 'rss_mib': 80.0})
    (text,) = leaks(points.trends())
    assert text.startswith('camera: fds grows by 60')


def test_a_thinned_series_stays_short_and_even() -> None:
    series: Thinned[int] = Thinned(most=10)
    for number in range(1000):
        series.add(number)
    assert len(series.kept) <= 10
    steps = {b - a for a, b in zip(series.kept, series.kept[1:], strict=False)}
    assert len(steps) == 1


def test_quantiles_of_a_histogram() -> None:
    histogram = Histogram()
    for time_ms in range(1, 101):
        histogram.add(float(time_ms))
    assert histogram.summary()['n'] == 100
    assert abs(histogram.quantile(0.5) - 50.0) <= 0.2
    assert histogram.quantile(1.0) == 100.0


def test_lives_of_any_length_have_a_trend() -> None:
    for first in range(1, 9):
        for second in range(9):
            found = trend([life(0, 50, 1, first, 9), life(500, 50, 1, second, 9)])
            assert found.points == first + second
