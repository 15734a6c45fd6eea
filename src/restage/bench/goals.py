# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The goals of the project's design, and whether the measurements meet them."""

from __future__ import annotations

from collections.abc import Sequence

from restage.bench.beyond import beyond_compute_ms, beyond_note
from restage.bench.goal import Evidence, Goal, every, slowest
from restage.bench.statistics import times_ms
from restage.bench.trial import Trial

SOFT = [('stage_resume', fault) for fault in ('exception', 'nan')]
DEATHS = [('standby_failover', fault) for fault in ('sigkill', 'sigsegv')]
HANGS = [
    ('standby_failover', fault) for fault in ('delay', 'hang_python', 'hang_native', 'sigstop')
]
FRAME_MS, DEATH_MS, HANG_MS, RATIO, OVERHEAD_PERCENT, BANDWIDTH_PERCENT = (
    33.3,
    31.0,
    100.0,
    100,
    1,
    70,
)


def judge(evidence: Evidence) -> list[Goal]:
    """Return every goal with its figure; of several fault classes the worst one decides."""
    return [*_soft(evidence), *_process(evidence), *_costs(evidence)]


def _soft(evidence: Evidence) -> list[Goal]:
    what = 'soft stage fault (exception, nan; stage_resume)'
    within = Goal(what=f'{what}: p99', goal=f'<= {FRAME_MS:g} ms', unit='ms')
    none_lost = Goal(what=f'{what}: frames lost, most of one trial', goal='0')
    same = Goal(what=f'{what}: bit-identical', goal='yes')
    return [
        slowest(within, SOFT, evidence.trials, FRAME_MS, times_ms),
        every(none_lost, SOFT, evidence.arms, 'frames_lost_max', 0),
        every(same, SOFT, evidence.arms, 'bit_identical', True),
    ]


def _process(evidence: Evidence) -> list[Goal]:
    death = Goal(
        what='process death (sigkill, sigsegv; standby_failover): p99 beyond the compute of the '
        'remaining stages',
        goal=f'<= {DEATH_MS:g} ms',
        unit='ms',
        note=beyond_note(evidence.settings),
    )
    hang = Goal(
        what='hang (delay, hang_python, hang_native, sigstop; standby_failover): p99 with '
        'detection',
        goal=f'<= {HANG_MS:g} ms',
        unit='ms',
    )
    reset = Goal(what='process_reset over stage_resume', goal=f'>= {RATIO} x', unit='x')
    ratio = evidence.ratios['process_reset_over_stage_resume']

    def beyond(trials: Sequence[Trial]) -> list[float]:
        return beyond_compute_ms(trials, evidence.settings)

    return [
        slowest(death, DEATHS, evidence.trials, DEATH_MS, beyond),
        slowest(hang, HANGS, evidence.trials, HANG_MS, times_ms),
        reset.judged(ratio, lambda value: value >= RATIO),
    ]


def _costs(evidence: Evidence) -> list[Goal]:
    costs = evidence.overhead
    interval = '95 % interval {:.2f} to {:.2f} %'.format(*costs['ci95']) if costs else ''
    overhead = Goal(
        what='fault-free overhead, of the compute of a frame',
        goal=f'<= {OVERHEAD_PERCENT} %',
        unit='%',
        note=interval,
    )
    shares = [float(entry['percent_of_memcpy']) for entry in evidence.bandwidth]
    bandwidth = Goal(
        what='write bandwidth into the store, of memcpy',
        goal=f'>= {BANDWIDTH_PERCENT} %',
        unit='%',
        note='the smallest of those measured' if len(shares) > 1 else '',
    )
    return [
        overhead.judged(costs['percent'] if costs else None, lambda x: x <= OVERHEAD_PERCENT),
        bandwidth.judged(min(shares, default=None), lambda x: x >= BANDWIDTH_PERCENT),
    ]
