# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The statuses of what a detection node is made of once it is configured."""

from __future__ import annotations

from collections.abc import Iterator

from restage.detect.ranges import RangeDetector
from restage.diagnosis.detection import (
    DETECTORS,
    UNCERTAIN,
    checkpoints_status,
    stages_status,
    unconfigured,
    why_off,
)
from restage.diagnosis.findings import Findings, not_looking
from restage.diagnosis.status import Status, Value
from restage.nodes.workbench import Workbench


def detection_items(
    bench: Workbench | None,
    findings: Findings,
    *,
    rate_in_hz: float,
    shared: bool,
    alone: bool,
    failed: str,
    now_ns: int,
) -> Iterator[Status]:
    """Give the statuses of stages, checkpoints and detectors; see ``restage.diagnosis``."""
    if bench is None:
        yield from unconfigured()
        yield from not_looking(DETECTORS)
        return
    names = tuple(stage.name for stage in bench.model.stages)
    yield stages_status(names, bench.deadlines, rate_in_hz)
    committed_ns = bench.keeper.committed_ns
    yield checkpoints_status(
        behind=bench.behind,
        shared=shared,
        alone=alone,
        made=bench.keeper.commits,
        age_ns=now_ns - committed_ns if committed_ns else None,
        failed=failed,
    )
    yield from _detectors(bench, findings, now_ns)


def _detectors(bench: Workbench, findings: Findings, now_ns: int) -> Iterator[Status]:
    looking = {detector.name: detector for detector in bench.detectors}
    for name in DETECTORS:
        more: dict[str, Value] = {}
        if name in UNCERTAIN:
            more['false_alarms'] = bench.runner.overruled[name]
        detector = looking.get(name)
        if isinstance(detector, RangeDetector):
            more['clipped'] = detector.clipped
        off = why_off(
            name,
            on_gpu=bench.on_gpu,
            present=detector is not None,
            checked=bench.weights_checked,
        )
        yield findings.status(name, now_ns, off=off, **more)
