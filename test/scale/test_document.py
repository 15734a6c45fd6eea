# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From measured models to the laws, the tables, the page and the picture."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from restage.scale.chart import draw
from restage.scale.document import build
from restage.scale.page import page
from restage.scale.points import Grid
from restage.scale.table import show

Make = Callable[..., dict[str, Any]]
GRID = Grid(widths=(8, 16, 32, 64), side=320, sides=(320, 640, 960), width=16)


@pytest.fixture
def document(sized_model: Make) -> dict[str, Any]:
    models = [sized_model(point.width, point.side, lowered=True) for point in GRID.points()]
    series = {name: [one.name for one in points] for name, points in GRID.series().items()}
    return build(models, series, {'seed': 1})


def test_the_grid_has_the_common_point_once() -> None:
    assert len(GRID.points()) == 6
    assert [point.side for point in GRID.series()['input']] == [320, 640, 960]
    with pytest.raises(ValueError, match='accepted: 4 to 512'):
        Grid(widths=(1,), side=320, sides=(320,), width=16)


def test_the_laws_are_those_of_the_models(document: dict[str, Any]) -> None:
    weights, pixels = (document['series'][name]['growth'] for name in ('weights', 'input'))
    assert weights['checkpoint_bytes']['exponent'] == pytest.approx(0.5)
    assert weights['check_ms']['exponent'] == pytest.approx(1.0)
    assert weights['reset_ms']['exponent'] == pytest.approx(0.0)
    assert pixels['checkpoint_bytes']['exponent'] == pytest.approx(1.0)
    assert 0 < pixels['soft_ms']['exponent'] < 1
    json.dumps(document, allow_nan=False)


def test_what_was_not_measured_is_left_out(sized_model: Make) -> None:
    model = sized_model(16, 320)
    model['recoveries']['kill'].update(p50_ms=None, unrecovered=2, n_timed=0)
    found = build([model], {'weights': [model['name'], 'missing'], 'input': []}, {})
    assert found['series']['weights']['models'] == [model['name']]
    assert found['series']['weights']['growth']['kill_ms'] is None
    console = Console(file=io.StringIO(), width=200)
    show(found, console)
    assert 'never' in console.file.getvalue()


def test_everything_is_shown(document: dict[str, Any], tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=200)
    show(document, console)
    shown = console.file.getvalue()
    assert '2.5 Hz, lowered' in shown
    assert '0.50 (0.50 to 0.50)' in shown
    picture = tmp_path / 'scale.png'
    draw(document, picture)
    assert picture.read_bytes().startswith(b'\x89PNG')
    html = page(document, picture.read_bytes())
    assert '960 x 960' in html
    assert 'data:image/png;base64,' in html
    assert 'Run it again' in html
