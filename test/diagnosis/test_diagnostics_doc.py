# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/diagnostics.md lists every status and key; the aggregator's file takes each of them."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from restage.config import config_folder
from restage.detect.deadlines import DeadlineOptions, Deadlines
from restage.diagnosis.detection import (
    DETECTORS,
    GRAVE,
    UNCERTAIN,
    Frames,
    checkpoints_status,
    stages_status,
    unconfigured,
)
from restage.diagnosis.findings import Findings, not_looking
from restage.diagnosis.recovery import ITEMS, RecoveryStatuses, inactive
from restage.diagnosis.status import Status
from restage.recovery.coordinator import Coordinator, CoordinatorOptions
from restage.system import SystemOptions, describe_system

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'docs' / 'diagnostics.md').read_text()
PART = re.compile(r'\[.*\]')
NOW = 10**12


def rows() -> dict[tuple[str, str], set[str]]:
    """Return the keys in the table by node and item, without what is in brackets."""
    part = TEXT.split('<!-- statuses: ')[1].split('<!-- /statuses -->')[0]
    lines = [line.strip('|').split('|') for line in part.splitlines() if line.startswith('| ')]
    return {
        (node.strip(), item.strip()): {PART.sub('', key) for key in re.findall(r'`(.*?)`', keys)}
        for node, item, keys, _ in lines[2:]
    }


def found_by(findings: Findings, names: tuple[str, ...], **more: int) -> list[Status]:
    for name in names:
        findings.note(name, 'stage neck: NaN', NOW)
    return [findings.status(name, NOW, **more) for name in names]


def detection() -> list[Status]:
    return [
        Frames().status(
            NOW, frames_in=1, frames_out=1, malformed=1, last_malformed='x', dropped={'fenced': 1}
        ),
        stages_status(('neck',), Deadlines(1, DeadlineOptions()), 30.0),
        checkpoints_status(behind=('neck',), shared=True, alone=False, made=1, age_ns=5, failed=''),
        *found_by(Findings(GRAVE), tuple(set(DETECTORS) - set(UNCERTAIN))),
        *found_by(Findings(), ('range',), false_alarms=0, clipped=0),
        *found_by(Findings(), ('plausibility',), false_alarms=0),
    ]


def recovery() -> list[Status]:
    port: Any = SimpleNamespace(
        watch=lambda *_: True,
        configure=lambda *_: None,
        marks=lambda *_: None,
        log=lambda *_: None,
        fence=lambda *_: None,
        order=lambda *_: None,
        finished=lambda *_: None,
    )
    coordinator = Coordinator(['a', 'b'], port, CoordinatorOptions())
    coordinator.on_published(5)
    coordinator.on_detected(6, NOW)
    for name, pid in (('a', 1), ('b', 2)):
        coordinator.on_heartbeat(name, pid, 2, 0)
    before = RecoveryStatuses().of(coordinator, NOW, excused=0)
    coordinator.ledger.lost['fenced'] += 1
    coordinator.on_death('a', 1, 'process_exit', 'gone', NOW)
    for name in ('stage_deadline', 'heartbeat', 'liveliness', 'escalation'):
        coordinator.findings.note(name, 'a: late', NOW)
    return before + RecoveryStatuses().of(coordinator, NOW, excused=0)


def keys_of(statuses: list[Status]) -> dict[str, set[str]]:
    keys: dict[str, set[str]] = {}
    for status in statuses:
        keys.setdefault(status.item, set()).update(PART.sub('', key) for key in status.values)
    return keys


@pytest.mark.parametrize(
    ('node', 'statuses'), [('detection', detection()), ('recovery', recovery())]
)
def test_the_table_has_every_status_and_key_and_no_other(node: str, statuses: list[Status]) -> None:
    table = {item: keys for (of, item), keys in rows().items() if of == node and item != 'status'}
    assert keys_of(statuses) == table


def test_without_work_all_the_same_items_are_published() -> None:
    table = rows()
    resting = {one.item for one in [*unconfigured(), *not_looking(DETECTORS)]}
    assert {'frames', *resting} == {i for n, i in table if n == 'detection' and i != 'status'}
    assert {one.item for one in inactive()} == set(ITEMS)
    assert set(ITEMS) == {i for n, i in table if n == 'recovery' and i != 'status'}


def test_each_status_is_in_one_group_of_the_aggregator() -> None:
    given = yaml.safe_load((config_folder() / 'diagnostic_aggregator.yaml').read_text())
    groups = given['/**']['ros__parameters']['analyzers'].values()
    options = SystemOptions(
        allow_fault_injection=True, fault_proxy=True, standbys=3, record='/tmp/bag'
    )
    nodes = [*describe_system(options), *describe_system(SystemOptions(cameras='front,rear'))]
    names = {
        f'{node.name}: {item}'
        for node in nodes
        for kind, item in rows()
        if node.executable == f'{kind}_node'
    }
    assert len(names) > 50
    for name in names:
        takers = [group['path'] for group in groups if name.startswith(tuple(group['startswith']))]
        assert len(takers) == 1, (name, takers)
    assert {name for group in groups for name in group.get('expected', [])} <= names
