# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures: what they hold, and that they are pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import pytest

from restage.bench.cells import FAULTS
from restage.bench.chart import CAPTIONS, draw
from restage.bench.distributions import distributions
from restage.bench.document import build
from restage.bench.median_trial import phases, recoveries
from restage.bench.timelines import timelines
from restage.bench.trial import Trial

PNG = b'\x89PNG\r\n\x1a\n'


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_panel_per_fault_class_and_a_row_per_arm(document: dict[str, Any]) -> None:
    figure = distributions(document)
    assert [axes.get_title(loc='left') for axes in figure.axes] == list(FAULTS)
    panel = figure.axes[list(FAULTS).index('sigsegv')]
    assert [label.get_text() for label in panel.get_yticklabels()] == list(document['arms'])
    assert texts(panel)[:3] == ['not applicable'] * 3
    assert panel.get_xscale() == 'log'
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert any('33.3' in name for name in names) and any('4.0 s' in name for name in names)


def test_a_part_of_the_classes_leaves_no_empty_panels(trials: list[Trial]) -> None:
    some = [one for one in trials if one.fault in ('nan', 'sigkill', 'delay')]
    assert len(distributions(build(some, {}, None, [], {})).axes) == 3
    assert len(distributions(build([], {}, None, [], {})).axes) == 0


def test_a_trial_that_never_recovered_is_told(trials: list[Trial]) -> None:
    first = replace(trials[0], first_good_ns=0, outcome='failed')
    figure = distributions(build([first, *trials[1:]], {}, None, [], {}))
    assert any('1 never' in text for text in texts(figure.axes[0]))


def test_the_timeline_shows_the_best_arm_and_the_reset(document: dict[str, Any]) -> None:
    left, right = timelines(document).axes
    labels = [label.get_text() for label in left.get_yticklabels()]
    assert labels[0] == 'exception\nstage_resume'
    assert labels[list(FAULTS).index('sigstop')] == 'sigstop\nstandby_failover'
    assert len(left.patches) == 4 * len(FAULTS)
    assert len(right.patches) == len(FAULTS) - 1
    assert texts(right)[-1] == 'not applicable'


def test_a_recovery_far_longer_than_the_others_is_cut(trials: list[Trial]) -> None:
    long = [
        replace(one, first_good_ns=one.first_good_ns + 3_000_000_000)
        if one.fault == 'sigkill'
        else one
        for one in trials
        if one.arm != 'process_reset'
    ]
    left, _ = timelines(build(long, {}, None, [], {})).axes
    assert left.get_xlim()[1] < 300
    assert [text for text in texts(left) if text.startswith('cut: 3.0')]


def test_phases_with_an_unknown_end_are_not_told_apart(document: dict[str, Any]) -> None:
    raw = {
        'injected_ns': 1_000_000,
        'detected_ns': 3_000_000,
        'decided_ns': 0,
        'restored_ns': 6_000_000,
        'first_good_ns': 16_000_000,
    }
    assert phases(raw) == (('detect', 2.0), ('not told apart', 3.0), ('recompute', 10.0))
    one = recoveries(document)[0]
    assert sum(time_ms for _, time_ms in one.phases) == pytest.approx(one.total_ms)


@pytest.mark.parametrize('count', [0, 1, 1000])
def test_the_files_are_pictures(
    trials: list[Trial], settings: dict[str, Any], tmp_path: Path, count: int
) -> None:
    paths = draw(build(trials[:count], {}, None, [], settings), tmp_path, 'some')
    assert paths.keys() == CAPTIONS.keys()
    for path in paths.values():
        assert path.read_bytes().startswith(PNG)
        assert cv2.imread(str(path)).shape[1] == 1820
