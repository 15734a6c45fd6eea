# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The statuses of a detection node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from restage.accelerator.failure import Failure
from restage.detect.deadlines import Deadlines
from restage.detect.finite import FiniteDetector
from restage.detect.plausibility import PlausibilityDetector
from restage.detect.ranges import RangeDetector
from restage.diagnosis.flow import Flow
from restage.diagnosis.status import Level, Status, Value
from restage.weights.keeper import NO_CLEAN_WEIGHTS, WEIGHTS

FRAMES, STAGES, CHECKPOINTS = 'frames', 'stages', 'checkpoints'
# In whose name the inference thread reports an error.
DETECTORS = (
    *(failure.value for failure in Failure),
    FiniteDetector.name,
    RangeDetector.name,
    PlausibilityDetector.name,
    WEIGHTS,
    NO_CLEAN_WEIGHTS,
)
GRAVE = (Failure.CONTEXT_LOST.value, NO_CLEAN_WEIGHTS)
# Those whose findings are believed only if they do not come again: the rest is a false alarm.
UNCERTAIN = (RangeDetector.name, PlausibilityDetector.name)
_ON_GPU = (Failure.GPU_MEMORY.value, Failure.CONTEXT_LOST.value)


def unconfigured(items: Sequence[str] = (FRAMES, STAGES, CHECKPOINTS)) -> list[Status]:
    """Return the statuses of parts that there are not before the node is configured."""
    return [Status(item, Level.STALE, 'not configured') for item in items]


@dataclass
class Frames:
    """The frames of a detection node over all its configurations, and their statuses."""

    received: Flow = field(default_factory=Flow)
    published: Flow = field(default_factory=Flow)
    dropped: Flow = field(default_factory=Flow)

    def status(
        self,
        now_ns: int,
        *,
        frames_in: int,
        frames_out: int,
        malformed: int,
        last_malformed: str,
        dropped: Mapping[str, int],
    ) -> Status:
        """Return the status; ``dropped`` counts by reason."""
        self.received.look(frames_in, now_ns)
        self.published.look(frames_out, now_ns)
        self.dropped.look(sum(dropped.values()), now_ns)
        values: dict[str, Value] = {
            'frames_in': frames_in,
            'frames_out': frames_out,
            'rate_in_hz': self.received.hz,
            'rate_out_hz': self.published.hz,
            'malformed': malformed,
            **{f'dropped[{why}]': count for why, count in dropped.items()},
        }
        if last_malformed:
            values['last_malformed'] = last_malformed
        level, message = self._judge(now_ns)
        return Status(FRAMES, level, message, values)

    def _judge(self, now_ns: int) -> tuple[Level, str]:
        if self.dropped.grew_lately(now_ns):
            return Level.WARN, 'frames were dropped within the last 10 s'
        if self.received.stopped(now_ns):
            return Level.STALE, 'no image for more than 2 s'
        return Level.OK, 'images come in' if self.received.hz else 'no image yet'


def stages_status(names: Sequence[str], deadlines: Deadlines, rate_in_hz: float) -> Status:
    """Return the times of the last frames by stage, and whether they fit the images' rate."""
    values: dict[str, Value] = {}
    frame_ms = 0.0
    for index, name in enumerate(names):
        p50_ns, longest_ns = deadlines.spent_ns(index)
        values[f'p50_ms[{name}]'] = p50_ns / 1e6
        values[f'max_ms[{name}]'] = longest_ns / 1e6
        values[f'deadline_ms[{name}]'] = deadlines.of(index) / 1e6
        frame_ms += p50_ns / 1e6
    values = {'frame_p50_ms': frame_ms, **values}
    if frame_ms * rate_in_hz > 1000.0:
        return Status(STAGES, Level.WARN, 'a frame takes longer than the next one to come', values)
    return Status(STAGES, Level.OK, 'a frame is done before the next one comes', values)


def checkpoints_status(
    *,
    behind: Sequence[str],
    shared: bool,
    alone: bool,
    made: int,
    age_ns: int | None,
    failed: str,
) -> Status:
    """
    Return the status of the checkpoints.

    :param behind: names of the stages behind which they are made.
    :param shared: they are in the recovery node's store.
    :param alone: the node was started to work without a recovery node.
    :param age_ns: of the last one; None: there is none yet.
    :param failed: why the last one could not be made; empty: it could.
    """
    values: dict[str, Value] = {'behind': ' '.join(behind), 'shared': shared, 'made': made}
    if age_ns is not None:
        values['age_ms'] = age_ns / 1e6
    if failed:
        return Status(CHECKPOINTS, Level.WARN, failed, values)
    if not shared and not alone:
        message = 'kept in this process only: no store of a recovery node was found'
        return Status(CHECKPOINTS, Level.WARN, message, values)
    return Status(CHECKPOINTS, Level.OK, 'in the store' if shared else 'in this process', values)


def why_off(detector: str, *, on_gpu: bool, present: bool, checked: bool) -> str:
    """
    Return why a detector does not look; empty: it does.

    :param present: it is among those behind the stages.
    :param checked: weights are looked at on frames, and not only after errors.
    """
    if detector in _ON_GPU and not on_gpu:
        return 'the model does not run on a GPU'
    if detector == RangeDetector.name and not present:
        return 'there is no calibration'
    if detector == PlausibilityDetector.name and not present:
        return "the parameter 'plausibility' is false"
    if detector == WEIGHTS and not checked:
        return "the parameter 'weight_check_ms' is 0: weights are checked after other errors only"
    return ''
