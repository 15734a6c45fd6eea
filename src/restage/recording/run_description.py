# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a recording says of the run it is of: enough to report on it somewhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xxhash

from restage.recording.errors import RecordingError
from restage.shipped import SHIPPED


def completed(text: str) -> dict[str, Any]:
    """
    Return the run (JSON: options of the system by name) with its scenario and its model's digest.

    :raises RecordingError: when the text is no JSON object.
    """
    try:
        run = json.loads(text)
    except json.JSONDecodeError as error:
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
    path = SHIPPED.get(spec) or Path(spec).expanduser()
    try:
        return xxhash.xxh3_128_hexdigest(path.read_bytes())
    except OSError:
        return ''


def _text(path: object) -> str:
    try:
        return Path(path).read_text(encoding='utf-8') if isinstance(path, str) and path else ''
    except (OSError, UnicodeDecodeError):
        return ''
