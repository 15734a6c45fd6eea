# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What Restage's tiers do when an error comes out as it did, and how long that was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCH = 'bench.json'
NOBODY = 'nobody'


@dataclass(frozen=True)
class Response:
    """
    Which error ``detector`` sees it, and which ``tier`` acts.

    ``arm``, ``fault``: where `restage bench` has measured that, from the error to the next valid
    detections.
    """

    detector: str
    tier: str
    arm: str = ''
    fault: str = ''


# By what a trial came to; see docs/recovery.md for the rules.
RESPONSES = {
    'clean_exception': Response('exception', 'retry_stage', 'stage_resume', 'exception'),
    'crash': Response('process_exit', 'failover', 'standby_failover', 'sigsegv'),
    'hang': Response('stage_deadline', 'failover', 'standby_failover', 'hang_native'),
    'sdc_not_finite': Response('finite', 'retry_stage', 'stage_resume', 'nan'),
    'sdc_out_of_range': Response('range or plausibility', 'retry_stage', 'stage_resume', 'nan'),
    'sdc_in_weights': Response(
        'weight_checksum', 'reload_weights', 'stage_resume', 'weight_bit_flip'
    ),
    'sdc_unseen': Response(NOBODY, 'none'),
    'later_crash': Response('process_exit', 'failover', 'standby_failover', 'sigsegv'),
    'later_hang': Response('stage_deadline', 'failover', 'standby_failover', 'hang_native'),
    'reset': Response('', 'a process reset', 'process_reset', 'sigsegv'),
}
# What changes the weights that the model computes with; they are compared with their checksums.
IN_WEIGHTS = ('oob_write_weight', 'shared_weights_written', 'model_memory_freed')


def response_to(record: Mapping[str, Any]) -> str:
    """Return the key of ``RESPONSES`` for a trial; '' where there is nothing to respond to."""
    outcome = record['outcome']
    if outcome == 'masked':
        return ''
    if outcome == 'sdc':
        if record['mistake'] in IN_WEIGHTS:
            return 'sdc_in_weights'
        if record['seen'] == 'finite':
            return 'sdc_not_finite'
        return 'sdc_out_of_range' if record['seen'] else 'sdc_unseen'
    if outcome == 'delayed_failure':
        return {
            'exception': 'clean_exception',
            'wrong_output': 'sdc_unseen',
            'crash': 'later_crash',
            'crash_at_exit': 'later_crash',
        }.get(record['later'], 'later_hang')
    return str(outcome)


def measured(results: Path | None) -> dict[str, dict[str, Any]]:
    """
    Return every response with what ``restage bench`` measured of it.

    :param results: the folder of its results; None, or one without them: nothing was measured.
    """
    arms: Mapping[str, Any] = {}
    path = None if results is None else results / BENCH
    if path is not None and path.is_file():
        arms = json.loads(path.read_text(encoding='utf-8'))['arms']
    found = {}
    for name, response in RESPONSES.items():
        cell = arms.get(response.arm, {}).get(response.fault)
        found[name] = {
            'detector': response.detector,
            'tier': response.tier,
            'measured': None
            if cell is None
            else {
                'source': f'{BENCH}: arms.{response.arm}.{response.fault}',
                'n': cell['n'],
                'p50_ms': cell['p50_ms'],
                'max_ms': cell['max_ms'],
            },
        }
    return found
