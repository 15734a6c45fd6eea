# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest

from restage.detector.heldout import FRAMES, SCENES, evaluate_held_out
from restage.detector.session import EVALUATION_THRESHOLD
from restage.detector.staged import staged
from restage.detector.weights import load_network
from restage.scene import CLASSES, WEATHERS
from restage.shipped import BUNDLED


def test_the_bundled_weights_find_what_the_model_card_says() -> None:
    # A part of what `restage evaluate` goes through, which takes a minute.
    model = staged(load_network(), EVALUATION_THRESHOLD)
    report = evaluate_held_out(model, lambda _: None, scenes=1, frames=20)
    assert report.mean == pytest.approx(0.858, abs=0.01)
    assert 0.1 <= report.threshold < 0.75
    assert min(report.precision, report.recall) > 0.6
    assert set(report.per_weather) == set(WEATHERS)
    assert min(report.per_weather.values()) > 0.5
    card = (Path(BUNDLED).parent / 'MODEL_CARD.md').read_text()
    said = dict(re.findall(r'^\| ([a-z ]+) \| (0\.\d{3}) \|$', card, re.MULTILINE))
    for name in CLASSES:
        assert report.per_class[name] == pytest.approx(float(said[name]), abs=0.03)
    assert f'on {len(WEATHERS) * SCENES * FRAMES} held-out frames' in card


def test_the_bundled_weights_are_small() -> None:
    assert BUNDLED.stat().st_size <= 5_000_000
