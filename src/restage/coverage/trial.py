# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""One injected fault and what became of it, and one clean frame, as they are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from restage.json_record import record_of

Rows = list[list[float]]


@dataclass(frozen=True, kw_only=True)
class FaultTrial:
    """
    A fault and its outcome.

    ``alarms``: by detector, us from the injection to its objection. ``changed``: the fault
    changed something. ``detections``: of the faulty run, if they differ from the clean one's.
    """

    number: int
    sequence: str
    frame: int
    kind: str
    persistence: str
    stage: str
    detail: str
    changed: bool
    outcome: str
    lost: int = 0
    ghosts: int = 0
    alarms: dict[str, float] = field(default_factory=dict)
    seen_in: dict[str, str] = field(default_factory=dict)
    detections: Rows | None = None

    @property
    def critical(self) -> bool:
        """Whether objects were lost or made up, or no detections came out."""
        return self.lost > 0 or self.ghosts > 0 or self.outcome.startswith('due_')


@dataclass(frozen=True, kw_only=True)
class CleanFrame:
    """
    A frame without a fault: false alarms, detections and, where known, what there is to detect.

    ``truth``: rows of x1, y1, x2, y2, class, 1 if it need not be detected.
    """

    sequence: str
    frame: int
    alarms: dict[str, str] = field(default_factory=dict)
    detections: Rows | None = None
    truth: Rows | None = None


def as_line(entry: FaultTrial | CleanFrame) -> dict[str, Any]:
    """Return an entry of the journal."""
    what = 'fault' if isinstance(entry, FaultTrial) else 'frame'
    return {'what': what, **asdict(entry)}


def from_line(line: dict[str, Any]) -> FaultTrial | CleanFrame:
    """
    Return what an entry of the journal stands for.

    :raises ValueError: when it stands for nothing.
    """
    fields = {key: value for key, value in line.items() if key != 'what'}
    if line.get('what') == 'fault':
        return record_of(FaultTrial, fields)
    if line.get('what') == 'frame':
        return record_of(CleanFrame, fields)
    raise ValueError(f'an entry of the kind {line.get("what")!r}')
