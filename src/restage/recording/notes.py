# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the recorder itself says in a recording, on the topic ``recording``."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from typing import Any

from restage.json_record import fits
from restage.recording.definitions import typestore

SCHEMA = 1
STRING = 'std_msgs/msg/String'
TOPIC = 'recording'
START, CLOCK, END = 'start', 'clock', 'end'
# Of a time in ns.
LARGEST = 2**63 - 1
_KINDS: dict[str, type] = {
    'event': str,
    'realtime_ns': int,
    'monotonic_ns': int,
    'images': str,
    'cpu_s': float,
    **dict.fromkeys(('run', 'machine', 'versions', 'written', 'dropped', 'missing'), dict),
}


def note(event: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return a note, with the recorder's processor time so far and the time by both clocks.

    By the clocks receipts are put on the steady one.

    ``start``: what is recorded, and of which run. ``clock``: once a second, with what was
    dropped so far. ``end``: the same, at the end; a recording without it was cut off.
    """
    before = time.monotonic_ns()
    realtime = time.time_ns()
    after = time.monotonic_ns()
    return {
        'schema': SCHEMA,
        'event': event,
        'realtime_ns': realtime,
        'monotonic_ns': (before + after) // 2,
        'cpu_s': time.process_time(),
        **content,
    }


def serialized(content: Mapping[str, Any]) -> bytes:
    """Return a note as a serialized std_msgs/String of JSON."""
    store = typestore()
    return bytes(store.serialize_cdr(store.types[STRING](data=json.dumps(content)), STRING))


def deserialized(raw: bytes) -> dict[str, Any]:
    """
    Return the note in a serialized std_msgs/String.

    :raises ValueError: when it is none.
    """
    message: Any = typestore().deserialize_cdr(raw, STRING)
    found = json.loads(message.data)
    if not isinstance(found, dict) or found.get('schema') != SCHEMA:
        raise ValueError('no note of a recorder of this version')
    for key, kind in _KINDS.items():
        if not isinstance(found.get(key, kind()), kind):
            raise ValueError(f"'{key}' is {found[key]!r:.80}")
    for key in ('realtime_ns', 'monotonic_ns'):
        if not 0 <= found.get(key, 0) <= LARGEST:
            raise ValueError(f"'{key}' is {found[key]!r:.80}")
    if not math.isfinite(found.get('cpu_s', 0.0)):
        raise ValueError(f"'cpu_s' is {found['cpu_s']}")
    for key in ('written', 'dropped', 'missing'):
        if not fits(found.get(key, {}), dict[str, int]):
            raise ValueError(f"'{key}' is {found[key]!r:.80}")
    if not {'event', 'realtime_ns', 'monotonic_ns', 'cpu_s'} <= set(found):
        raise ValueError('a note without its event or its times')
    return found
