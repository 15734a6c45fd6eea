# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What is chosen, and how it is shown."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from rich.console import Console

from restage.plan.chart import draw_trade_off
from restage.plan.document import make_document, write
from restage.plan.result import PlanResult
from restage.plan.run import show
from restage.plan.table import verdict


def text_of(result: PlanResult) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    show(result, console)
    return console.export_text()


@pytest.mark.parametrize(
    ('cap', 'store_image', 'names'),
    [
        (0.0, False, []),
        (6.6, False, []),
        (6.7, False, ['b']),  # 20 ms lost at most; behind a it would be 21
        (10.0, False, ['a', 'b']),
        (100.0, False, ['a', 'b']),
        (3.0, True, []),
        (3.4, True, ['image']),
        (10.0, True, ['image', 'b']),
        (13.4, True, ['image', 'a', 'b']),
    ],
)
def test_the_cap_decides(
    result: PlanResult, cap: float, store_image: bool, names: list[str]
) -> None:
    result = replace(result, cap_percent=cap, store_image=store_image)
    assert result.names(result.choice.boundaries) == names


def test_the_plan_lies_between_none_and_all(result: PlanResult) -> None:
    assert result.none.recovery_ns == (10_000_000, 20_000_000, 30_000_000)
    assert result.choice.recovery_ns == (10_000_000, 11_000_000, 11_000_000)
    assert len(result.all.boundaries) == 4
    percents = [result.overhead_percent(one) for one in (result.none, result.choice, result.all)]
    assert percents == pytest.approx([0, 10, 50 / 3])


def test_the_verdict_says_what_was_chosen_or_why_nothing_was(result: PlanResult) -> None:
    assert verdict(result) == 'checkpoints at: a, b (overhead cap 12 %)'
    low = replace(result, cap_percent=1.0)
    assert 'the cheapest one that helps costs 6.67 %' in verdict(low)
    for one in result.samples.tensors.values():
        one.restore_ns[:] = [10**12] * 3
    useless = replace(result, cap_percent=100.0)
    assert verdict(useless) == 'no checkpoint lowers the worst case: the plan has no boundaries'


def test_the_tables_show_every_stage_and_what_is_chosen(result: PlanResult) -> None:
    lines = text_of(result).splitlines()
    rows = {line.split()[0]: line for line in lines if line.split()}
    assert [name for name in rows if name in ('image', 'a', 'b', 'c', 'frame')] == [
        'image', 'a', 'b', 'c', 'frame',
    ]  # fmt: skip
    assert [name for name, row in rows.items() if ' yes ' in row] == ['a', 'b']
    assert rows['a'].split() == ['a', '10.000', '10.000', 's', 'x', '4.0', '2.000', '1.000', 'yes',
                                 '10.000']  # fmt: skip
    assert rows['none'].split() == ['none', '0', '30.000', '20.000', '0.00']
    assert rows['this'].split() == ['this', 'plan', '2', '11.000', '10.667', '10.00']


@pytest.mark.parametrize('cap', [0.0, 12.0, 100.0])
def test_the_picture_is_one_png(result: PlanResult, tmp_path: Path, cap: float) -> None:
    path = tmp_path / 'any.name'
    draw_trade_off(replace(result, cap_percent=cap), path)
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape[1] > 1000
    assert path.read_bytes().startswith(b'\x89PNG')


def test_the_document_holds_raw_samples_beside_summaries(
    result: PlanResult, tmp_path: Path
) -> None:
    write(make_document(result, 11), tmp_path / 'plan.json')
    data = json.loads((tmp_path / 'plan.json').read_text())
    assert (data['schema'], data['seed'], data['overhead_cap_percent']) == (1, 11, 12.0)
    assert data['plan']['boundaries'] == ['a', 'b']
    assert [one['boundaries'] for one in data['trade_off']] == [[], ['b'], ['a', 'b']]
    assert data['stages'][0]['stage_ms']['samples'] == [10.0, 10.0, 10.0]
    assert [one['name'] for one in data['boundaries']] == ['image', 'a', 'b', 'c']
    tensor = data['tensors'][1]
    assert (tensor['name'], tensor['made_at'], tensor['bytes']) == ('s', 'a', 2048)
    assert [tensor[key]['n'] for key in ('check_us', 'commit_us', 'restore_us')] == [3, 3, 3]
    assert data['machine']['cores'] >= 1
    assert 'torch' in data['versions']
