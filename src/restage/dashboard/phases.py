# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The phases of a recovery, and how much of the fault tolerant time interval they took."""

from __future__ import annotations

from restage.dashboard.sightings import Recovery

PHASES = ('injected', 'detected', 'decided', 'restored', 'resumed', 'first_good_output')


def phases_of(recovery: Recovery) -> list[dict[str, object]]:
    """
    Return the phases that are known, in order: name, ``at`` and ``took``, in ms.

    ``at`` counts from the first known one, ``took`` from the one before. A phase whose time is 0
    did not happen or is not known: it is left out, and its time is in the next one's.
    """
    times = [(name, int(getattr(recovery, f'{name}_ns'))) for name in PHASES]
    known = [(name, at_ns) for name, at_ns in times if at_ns]
    return [
        {
            'name': name,
            'at': round((at_ns - known[0][1]) / 1e6, 2),
            'took': round((at_ns - known[max(0, number - 1)][1]) / 1e6, 2),
        }
        for number, (name, at_ns) in enumerate(known)
    ]


def total_ms(recovery: Recovery) -> float | None:
    """Return the ms from the injection, or the detection, to the first good output; None: none."""
    start = recovery.injected_ns or recovery.detected_ns
    if not recovery.first_good_output_ns or not start:
        return None
    return round((recovery.first_good_output_ns - start) / 1e6, 2)
