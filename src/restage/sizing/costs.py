# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What frames and checkpoints of a model take in one process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from restage.checkpoint.boundaries import IMAGE
from restage.nodes.boundaries import AUTO, boundary_indices
from restage.plan.choice import Choice, judge
from restage.plan.result import PlanResult
from restage.plan.samples import Samples, TensorSamples
from restage.report.summary import summarize
from restage.stages.model import StagedModel


def chosen(model: StagedModel, result: PlanResult, *, planned: bool) -> Choice:
    """Return the boundaries of the plan, or else those that the model proposes."""
    if planned:
        return result.choice
    return judge(result.profile, sorted(boundary_indices((AUTO,), model)))


def stages(samples: Samples) -> list[dict[str, Any]]:
    """Return each stage: its times in ms, and the bytes that those behind it read."""
    return [
        {
            'name': name,
            'out_bytes': samples.nbytes(boundary),
            'ms': summarize([time / 1e6 for time in times]),
        }
        for boundary, (name, times) in enumerate(zip(samples.stages, samples.stage_ns, strict=True))
    ]


def frames_ms(samples: Samples) -> list[float]:
    """Return the time of each frame, its stages one after the other, ms."""
    return [sum(times) / 1e6 for times in zip(*samples.stage_ns, strict=True)]


def checkpoint(result: PlanResult, choice: Choice) -> dict[str, Any]:
    """
    Return what the checkpoints of a frame are and take.

    ``bytes``: written for one frame, each tensor once. ``commit_ms``: of all of them, the check for
    NaN among that. ``restore_ms``: of the boundary that takes longest. ``worst_ms``: restore and
    recompute, for the worst stage to fail. ``overhead_percent``: of a frame's compute.
    """
    samples = result.samples
    live = [_alive(samples, boundary) for boundary in choice.boundaries]
    written = {one.name: one for alive in live for one in alive}.values()
    commits = [[a + b for a, b in zip(t.check_ns, t.commit_ns, strict=True)] for t in written]
    restores = [_sums([one.restore_ns for one in alive]) for alive in live]
    slowest = [max(times) for times in zip(*restores, strict=True)]
    return {
        'boundaries': result.names(choice.boundaries),
        'bytes': sum(one.nbytes for one in written),
        'commit_ms': summarize([time / 1e6 for time in _sums(commits)]),
        'restore_ms': summarize([time / 1e6 for time in slowest]),
        'worst_ms': round(choice.worst_ns / 1e6, 3),
        'worst_without_ms': round(result.none.worst_ns / 1e6, 3),
        'overhead_percent': round(result.overhead_percent(choice), 3),
    }


def _alive(samples: Samples, boundary: int) -> list[TensorSamples]:
    return [samples.tensors[name] for name in samples.live[boundary - IMAGE]]


def _sums(times: Sequence[Sequence[int]]) -> list[int]:
    return [sum(each) for each in zip(*times, strict=True)]
