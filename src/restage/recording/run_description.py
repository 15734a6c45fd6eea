# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a recording says of the run it is of: enough to report on it somewhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xxhash

from restage.recording.errors import RecordingError
from restage.shipped import file_of


def completed(text: str) -> dict[str, Any]:
    """
    Return the run (JSON: options of the system by name) with its scenario and its model's digest.

    :raises RecordingError: when the text is no JSON object.
    """
    try:
        run = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f'the description of the run is no JSON: {error}') from None
    if not isinstance(run, dict):
        raise RecordingError('the description of the run is not accepted: give a JSON object')
    return {
        **run,
        'scenario_text': _text(run.get('scenario')),
        'model_digest': model_digest(str(run['model'])) if run.get('model') else '',
    }


def model_digest(spec: str) -> str:
    """Return the XXH3 digest of a model's file; empty where there is none to read."""
    try:
        return xxhash.xxh3_128_hexdigest(file_of(spec).read_bytes())
    except (OSError, ValueError, RuntimeError):  # also of a name that can be none
        return ''


def _text(path: object) -> str:
    try:
        return Path(path).read_text(encoding='utf-8') if isinstance(path, str) and path else ''
    except (OSError, ValueError):
        return ''
