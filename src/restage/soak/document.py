# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A soak as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from restage.report.machine import machine, versions
from restage.report.summary import summarize
from restage.soak.accounts import Accounts
from restage.soak.meter import Meter
from restage.soak.quiet_points import leaks
from restage.soak.record import Record
from restage.soak.resources import LIMITS
from restage.soak.settings import SoakSettings

SCHEMA = 1


def make_document(
    settings: SoakSettings,
    record: Record,
    accounts: Accounts,
    meter: Meter,
    *,
    seconds: float,
    excluded: Mapping[str, str],
) -> dict[str, Any]:
    """
    Return the results; times in ms unless their name says s.

    :param excluded: kinds of faults that were not injected, with the reason.
    """
    trends = meter.points.trends()
    findings = [asdict(one) for one in record.findings]
    return {
        'schema': SCHEMA,
        'minutes': round(seconds / 60, 2),
        'passed': record.violations == 0,
        'violations': [one for one in findings if not one['documented']],
        'documented': [one for one in findings if one['documented']],
        'counts': {
            'episodes': len(record.episodes),
            'violations': record.violations,
            'documented': record.documented,
            'faults_fired': sum(row['fired'] for row in record.episodes),
            'processes_ended': sum(len(row['exits']) for row in record.episodes),
            'recoveries': sum(len(row['recoveries']) for row in record.episodes),
        },
        'frames': {
            'in': record.frames_in,
            'out': record.frames_out,
            'lost': sum(record.lost.values()),
            'lost_by_reason': dict(record.lost.most_common()),
        },
        'camera_to_detections_ms': accounts.latency.summary(),
        'recovery_ms': {kind: _short(times) for kind, times in sorted(record.recoveries.items())},
        'detection_ms': {kind: _short(times) for kind, times in sorted(record.detections.items())},
        'resources': {
            'limits_per_hour': LIMITS,
            'leaks': leaks(trends),
            'trends': {
                node: {name: asdict(one) for name, one in quantities.items()}
                for node, quantities in trends.items()
            },
            'series': _series(meter),
        },
        'excluded': dict(excluded),
        'episodes': record.episodes,
        'settings': {
            **asdict(settings),
            'command': f'restage soak --minutes {settings.minutes:g} --seed {settings.seed}',
        },
        'machine': machine(),
        'versions': versions(),
    }


def _short(times: list[float]) -> dict[str, Any]:
    """Return a summary; its samples are in the episodes."""
    found = summarize(times)
    found.pop('samples', None)
    return dict(found)


def _series(meter: Meter) -> dict[str, Any]:
    """Return the thinned series of each node: a list for each quantity, and one of times in s."""
    found: dict[str, Any] = {}
    for node, series in meter.series.items():
        names = [one.name for one in fields(series.kept[0][1])]
        found[node] = {
            'at_s': [round(at_s, 1) for at_s, _ in series.kept],
            **{name: [round(getattr(use, name), 1) for _, use in series.kept] for name in names},
        }
    return found


def write(document: Mapping[str, Any], path: Path) -> None:
    """
    Write ``document`` to ``path``.

    :raises ValueError: when it holds a number that JSON does not have.
    """
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + '\n', encoding='utf-8')
