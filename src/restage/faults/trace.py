# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A record of every fault that fired, to be played again: same frame, same place, same values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from restage.faults.command import Fault
from restage.faults.enums import Persistence, When
from restage.faults.errors import FaultError
from restage.faults.kind import Place
from restage.faults.record import FaultRecord
from restage.faults.scenario import Expect, Scenario
from restage.faults.scenario_file import load_scenario
from restage.faults.taxonomy import find_kind
from restage.json_record import fits

SCHEMA = 1
# Of an entry, beside its enums.
FIELDS: dict[str, Any] = {
    **dict.fromkeys(('kind', 'target', 'stage', 'when', 'persistence'), str),
    **dict.fromkeys(('after_frames', 'seed', 'frame_ns', 'firing'), int),
    **dict.fromkeys(('probability', 'duration_s'), float),
    'parameters': dict[str, Any],
    'at_s': float | None,
}
# Of a run: a month.
LATEST_S = 2_678_400.0
# So long before its frame a fault whose time is known is commanded: late enough that it reaches
# the node that is primary then.
LEAD_S = 0.7
# So many commands a second are sent when a trace is played: the gate lets more in.
PER_SECOND = 15.0


class TraceWriter:
    """
    Writes a line of JSON for every firing of a fault that is known.

    A line is a fault as it is to be commanded to fire once more like that: once, in the stage and
    on the frame (header stamp) it fired on, with the number of the firing.
    """

    def __init__(self, path: Path) -> None:
        """
        Begin the file at ``path``.

        :raises OSError: when it cannot be written.
        """
        self._path = path
        self._faults: dict[str, Fault] = {}
        self._firings: dict[str, int] = {}
        path.write_text(json.dumps({'schema': SCHEMA}) + '\n', encoding='utf-8')

    def commanded(self, fault: Fault) -> None:
        """Know of a fault."""
        self._faults[fault.id] = fault

    def fired(self, record: FaultRecord, at_s: float | None = None) -> None:
        """
        Write that a fault has fired; of an unknown one nothing.

        ``at_s``: when, in s after the first frame, where that is known.

        :raises OSError: when it cannot be written.
        """
        fault = self._faults.get(record.id)
        if fault is None:
            return
        firing = self._firings.get(record.id, 0)
        self._firings[record.id] = firing + 1
        again = replace(
            fault,
            stage=record.stage,
            persistence=fault.persistence if _stays(fault) else Persistence.TRANSIENT,
            after_frames=0,
            probability=1.0,
            duration_s=0.0,
            frame_ns=record.stamp_ns,
            firing=fault.firing + firing,
        )
        line = {
            **asdict(again),
            'when': again.when.name.lower(),
            'persistence': again.persistence.name.lower(),
            'detail': record.detail,
            'at_s': at_s,
        }
        with self._path.open('a', encoding='utf-8') as file:
            file.write(json.dumps(line) + '\n')


def _stays(fault: Fault) -> bool:
    """Return whether the fault fires once and what it did is there for good."""
    once = fault.kind in ('nn.weight.bit_flip', 'nn.weight.set_value', 'mem.oom', 'gpu.oom')
    return once and fault.persistence is Persistence.PERMANENT


def read_trace(path: Path, prefix: str = 'replay') -> list[tuple[Fault, str, float | None]]:
    """
    Return each firing as a fault with an id of its own, what it did, in words, and its time.

    :raises FaultError: when the file cannot be read or is no trace.
    """
    try:
        lines = path.read_text(encoding='utf-8').splitlines()
        if not lines or json.loads(lines[0]) != {'schema': SCHEMA}:
            raise FaultError(f'{path}: no fault trace; accepted: a file that the injector wrote')
        entries = [json.loads(line) for line in lines[1:]]
    except FaultError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise FaultError(f'{path}: no fault trace: {error}') from None
    return [_entry(path, prefix, number, entry) for number, entry in enumerate(entries, 1)]


def _entry(path: Path, prefix: str, number: int, entry: Any) -> tuple[Fault, str, float | None]:
    try:
        fields = dict(_mapping(entry))
        detail = str(fields.pop('detail'))
        at_s = fields.pop('at_s', None)
        for name, value in {**fields, 'at_s': at_s}.items():
            if name in FIELDS and not fits(value, FIELDS[name]):
                raise ValueError(f"'{name}' is {value!r:.80}")
        if at_s is not None and not abs(at_s) <= LATEST_S:
            raise ValueError(f"'at_s' is {at_s!r:.80}; accepted: up to {LATEST_S:g}")
        fields['when'] = When[str(fields['when']).upper()]
        fields['persistence'] = Persistence[str(fields['persistence']).upper()]
        fields['id'] = f'{prefix}/{number}'
        return Fault(**fields), detail, None if at_s is None else float(at_s)
    except KeyError as error:
        raise FaultError(f'{path}: line {number + 1}: {error} is missing or unknown') from None
    except (TypeError, ValueError) as error:
        raise FaultError(f'{path}: line {number + 1}: {error}') from None


def _mapping(entry: Any) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise TypeError('accepted: a JSON object')
    return entry


class Replay:
    """A trace as something to play: its faults are commanded early and wait for their frames."""

    def __init__(self, path: Path) -> None:
        """
        Read the trace at ``path``.

        :raises FaultError: when the file cannot be read or is no trace.
        """
        self.name = path.stem
        entries = read_trace(path, self.name)
        self._faults = sorted(
            ((fault, at_s) for fault, _, at_s in entries), key=lambda entry: entry[0].frame_ns
        )

    @property
    def description(self) -> str:
        """Return what it is, for people."""
        return f'{len(self._faults)} recorded faults again'

    @property
    def needs_proxy(self) -> bool:
        """Whether some of its faults act on the images on their way to the detectors."""
        return any(find_kind(fault.kind).place is Place.STREAM for fault, _ in self._faults)

    def schedule(self, run: int = 1) -> list[tuple[float, Fault]]:
        """Return every fault with its time, s from the start; a second ``run`` has other ids."""
        suffix = '' if run == 1 else f'#{run}'
        return sorted(
            (
                (_command_s(number, at_s), replace(fault, id=f'{fault.id}{suffix}'))
                for number, (fault, at_s) in enumerate(self._faults)
            ),
            key=lambda entry: entry[0],
        )

    def expectations(self) -> dict[str, Expect]:
        """Return nothing: a trace says what happened, not what should."""
        return {}


def _command_s(number: int, at_s: float | None) -> float:
    return number / PER_SECOND if at_s is None else max(0.0, at_s - LEAD_S)


def load_playable(path: str) -> Scenario | Replay:
    """
    Return the scenario (YAML) or the recorded trace (.jsonl) at ``path``.

    :raises FaultError: when it cannot be read or is not valid.
    """
    file = Path(path).expanduser()
    return Replay(file) if file.suffix == '.jsonl' else load_scenario(file)
