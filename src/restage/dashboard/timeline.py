# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the last frames, and the last ones with an error, were doing when: a Gantt chart."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from restage.cameras import Cameras
from restage.dashboard.sightings import StageMark, Step

LAST = 8
ERRED = 6
# Frames that may be under way, or waiting to be shown.
KEPT = 64
MOST_PARTS = 64
_SHOWN = (Step.ERROR, Step.RESUMED, Step.DROPPED)


@dataclass
class _Frame:
    """One frame: stages that ran, and what happened to it."""

    key: int
    nodes: list[str] = field(default_factory=list)
    bars: list[StageMark] = field(default_factory=list)
    marks: list[StageMark] = field(default_factory=list)
    ended: StageMark | None = None

    def add(self, mark: StageMark) -> None:
        if mark.node not in self.nodes:
            self.nodes.append(mark.node)
        if mark.step in (Step.DONE, Step.ERROR) and mark.duration_ns and self._room(self.bars):
            self.bars.append(mark)
        if mark.step in _SHOWN and self._room(self.marks):
            self.marks.append(mark)
        if mark.step in (Step.PUBLISHED, Step.DROPPED):
            self.ended = mark

    def _room(self, parts: list[StageMark]) -> bool:
        return len(parts) < MOST_PARTS

    @property
    def erred(self) -> bool:
        """Whether it had an error, or was given up half done; what never began shows nothing."""
        return any(mark.step is not Step.DROPPED or self.bars for mark in self.marks)

    @property
    def begun_ns(self) -> int:
        starts = [bar.at_ns - bar.duration_ns for bar in self.bars]
        return min(starts or [mark.restored_ns or mark.at_ns for mark in self.marks], default=0)


class Timeline:
    """Frames of ``cameras`` by key, from stage_status."""

    def __init__(self, cameras: Cameras) -> None:
        """Begin with none."""
        self._cameras = cameras
        self._frames: OrderedDict[int, _Frame] = OrderedDict()
        self._last: deque[_Frame] = deque(maxlen=LAST)
        self._erred: deque[_Frame] = deque(maxlen=ERRED)
        self._stages: dict[int, str] = {}

    def add(self, mark: StageMark) -> None:
        """Note one step of a frame."""
        frame = self._frames.get(mark.key)
        if frame is None:
            frame = self._frames[mark.key] = _Frame(mark.key)
            if len(self._frames) > KEPT:
                self._frames.popitem(last=False)
        if mark.step is Step.DONE:
            self._stages[mark.index] = mark.stage
        ended_before = frame.ended is not None
        frame.add(mark)
        if frame.erred and frame not in self._erred:
            self._erred.append(frame)
        if frame.ended is not None and not ended_before and frame.bars:
            self._last.append(frame)

    @property
    def stages(self) -> list[str]:
        """The stages of the model, in order, as far as they were heard of."""
        return [self._stages[index] for index in sorted(self._stages)]

    def view(self) -> dict[str, object]:
        """Return the rows, newest first; times in ms from the beginning of the frame."""
        return {
            'stages': self.stages,
            'last': [self._row(frame) for frame in reversed(self._last)],
            'erred': [self._row(frame) for frame in reversed(self._erred)],
        }

    def _row(self, frame: _Frame) -> dict[str, object]:
        begun = frame.begun_ns

        def since(at_ns: int) -> float:
            return round((at_ns - begun) / 1e6, 2)

        last_ns = max(
            [mark.at_ns for mark in (*frame.bars, *frame.marks)]
            + ([frame.ended.at_ns] if frame.ended else []),
            default=begun,
        )
        camera = self._cameras.names[self._cameras.of(frame.key)]
        return {
            'key': str(frame.key),
            'camera': camera,
            'nodes': frame.nodes,
            'outcome': frame.ended.step.name.lower() if frame.ended else 'under way',
            'total': since(last_ns),
            'bars': [
                {
                    'stage': bar.stage,
                    'node': bar.node,
                    'from': since(bar.at_ns - bar.duration_ns),
                    'ms': round(bar.duration_ns / 1e6, 3),
                    'error': bar.step is Step.ERROR,
                }
                for bar in frame.bars
            ],
            'marks': [
                {
                    'what': mark.step.name.lower(),
                    'at': since(mark.at_ns),
                    'node': mark.node,
                    'stage': mark.stage,
                    'text': ': '.join(part for part in (mark.detector, mark.error) if part),
                }
                for mark in frame.marks
            ],
        }
