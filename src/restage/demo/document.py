# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The run as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from restage.demo.evidence import Evidence
from restage.demo.rows import TIMES, FaultRow
from restage.report.summary import summarize

SCHEMA = 1


def make_document(
    evidence: Evidence, rows: Sequence[FaultRow], compared: int, differing: int
) -> dict[str, Any]:
    """Return the results; times in ms after the injection, raw times in ns beside them."""
    accounts = evidence.accounts
    by_tier: dict[str, list[float]] = {}
    for row in rows:
        if row.recovery is not None and row.total_ms is not None:
            by_tier.setdefault(row.recovery.tier, []).append(row.total_ms)
    return {
        'schema': SCHEMA,
        'scenario': evidence.scenario,
        'source': evidence.source,
        'model': evidence.model,
        'seed': evidence.seed,
        'recoveries': [_recovery(row) for row in rows if row.recovery is not None],
        'faults': [_fault(row) for row in rows],
        'total_ms_by_tier': {tier: summarize(values) for tier, values in by_tier.items()},
        'frames': {
            'published_in': len(accounts.published),
            'detections_out': len(accounts.outputs),
            'lost': len(accounts.lost),
            'lost_stamps_ns': accounts.lost,
            'duplicates': accounts.duplicates,
            'out_of_order': accounts.out_of_order,
            'compared': compared,
            'not_bit_identical': differing if compared else None,
            'not_checked': evidence.not_checked,
        },
        'camera_to_detections_ms': summarize(accounts.latencies_ms()),
        'machine': evidence.machine,
        'versions': evidence.versions,
        **({'recording': evidence.recording} if evidence.recording else {}),
    }


def _fault(row: FaultRow) -> dict[str, Any]:
    return {
        'id': row.fault_id,
        'kind': row.kind,
        'stage': row.stage,
        'fired': row.fired,
        'tier': row.recovery.tier if row.recovery else 'none',
        'outcome': row.outcome,
        'bit_identical': row.bit_identical,
        'problems': list(row.problems),
    }


def _recovery(row: FaultRow) -> dict[str, Any]:
    event = row.recovery
    assert event is not None
    return {
        'kind': row.kind,
        'tier': event.tier,
        'detector': event.detector,
        'stage': event.stage,
        'resumed_from': event.resumed_from,
        'node': event.node,
        'recovered_by': event.recovered_by,
        **{f'{time}_ms': row.after_injection_ms(time) for time in TIMES[:-1]},
        'total_ms': row.total_ms,
        'frames_lost': int(event.frames_lost),
        'bit_identical': row.bit_identical,
        'attempts': int(event.attempts),
        'error': event.error,
        'frame_stamp_ns': row.stamp_ns,
        'monotonic_ns': {
            'injected': event.injected_ns,
            **{time: getattr(event, f'{time}_ns') for time in TIMES},
        },
    }


def write(document: dict[str, Any], path: Path) -> None:
    """Write ``document`` to ``path``."""
    path.write_text(json.dumps(document, indent=1) + '\n')
