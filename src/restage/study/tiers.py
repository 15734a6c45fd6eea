# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What Restage's tiers do when an error comes out as it did, and how long that was measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from restage.json_record import fits
from restage.report.journal_file import UNREADABLE
from restage.study.errors import StudyError

BENCH = 'bench.json'
FIGURES = ('n', 'p50_ms', 'max_ms')
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
    # Such a finding is not certain: an error that is in the input comes again, and is believed.
    'sdc_out_of_range': Response(
        'range or plausibility',
        'retry_stage; believed if it comes again',
        'stage_resume',
        'nan',
    ),
    'sdc_in_weights': Response(
        'weight_checksum', 'reload_weights', 'stage_resume', 'weight_bit_flip'
    ),
    # A calibration is of the weights with one digest: a node does not configure with others.
    'sdc_in_model_file': Response('calibration', 'none: the node refuses the model'),
    'sdc_unseen': Response(NOBODY, 'none'),
    'later_crash': Response('process_exit', 'failover', 'standby_failover', 'sigsegv'),
    'later_hang': Response('stage_deadline', 'failover', 'standby_failover', 'hang_native'),
    'at_exit': Response(NOBODY, 'none: the process was told to end'),
    'reset': Response('', 'a process reset', 'process_reset', 'sigsegv'),
}
# The frameworks that detection nodes compute with.
BACKENDS = ('pytorch', 'onnxruntime')
# What changes the weights that the model computes with; they are compared with their checksums.
IN_WEIGHTS = ('oob_write_weight', 'shared_weights_written', 'model_memory_freed')
IN_FILE = 'model_bits_flipped'


def response_to(record: Mapping[str, Any]) -> str:
    """
    Return the key of ``RESPONSES`` for a trial.

    '': there is nothing to respond to, or Restage has no backend of that framework.
    """
    outcome = record['outcome']
    if outcome == 'masked' or record['framework'] not in BACKENDS:
        return ''
    if outcome == 'sdc':
        if record['mistake'] in IN_WEIGHTS:
            return 'sdc_in_weights'
        if record['mistake'] == IN_FILE:
            return 'sdc_in_model_file'
        if record['seen'] == 'finite':
            return 'sdc_not_finite'
        return 'sdc_out_of_range' if record['seen'] else 'sdc_unseen'
    if outcome == 'delayed_failure':
        return {
            'exception': 'clean_exception',
            'wrong_output': 'sdc_unseen',
            'crash': 'later_crash',
            'hang': 'later_hang',
        }.get(record['later'], 'at_exit')
    return str(outcome)


def measured(results: Path | None) -> dict[str, dict[str, Any]]:
    """
    Return every response with what ``restage bench`` measured of it.

    :param results: the folder of its results; None, or one without them: nothing was measured.
    :raises StudyError: when they are there, but cannot be read.
    """
    arms: Mapping[str, Any] = {}
    path = None if results is None else results / BENCH
    if path is not None and path.is_file():
        arms = _arms(path)
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


def _arms(path: Path) -> Mapping[str, Any]:
    try:
        arms = json.loads(path.read_text(encoding='utf-8'))['arms']
        for response in RESPONSES.values():
            cell = arms.get(response.arm, {}).get(response.fault)
            if cell is not None and not all(fits(cell[key], float | None) for key in FIGURES):
                raise ValueError(f'arms.{response.arm}.{response.fault} is {cell!r:.80}')
    except (OSError, *UNREADABLE) as error:
        what = f'{error} is missing' if isinstance(error, KeyError) else error
        raise StudyError(
            f"'{path}': no results: {what}; accepted: what `restage bench` wrote, or another folder"
        ) from None
    return dict(arms)
