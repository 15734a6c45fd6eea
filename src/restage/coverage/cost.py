# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each error detector costs on a frame without faults."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch

from restage.bench.paired import WARM_UP, Work, no_collection, paired_ns, part
from restage.detect.detector import ErrorDetector
from restage.stages.frame import FrameJob, from_image
from restage.stages.model import StagedModel, State
from restage.stages.runner import StageRunner


def detector_costs(
    model: StagedModel,
    detectors: Sequence[ErrorDetector],
    images: Sequence[torch.Tensor],
    pairs: int,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """
    Return the paired cost of each detector by name, and of all as ``stack``.

    Each frame is run with and without, one after the other; percent of the bare frame's time.
    """
    stacks = {one.name: [one] for one in detectors}
    stacks['stack'] = list(detectors)
    found = {}
    with no_collection():
        for name, used in stacks.items():
            jobs = [
                FrameJob(stamp_ns=number, frame_id='camera', image=image.numpy())
                for number, image in enumerate(
                    itertools.islice(itertools.cycle(images), pairs + WARM_UP), 1
                )
            ]
            on_ns, off_ns = paired_ns(_work(model, used), _work(model, ()), jobs)
            found[name] = asdict(part(on_ns, off_ns, seed))
    return found


def _work(model: StagedModel, detectors: Sequence[ErrorDetector]) -> Work:
    runner = StageRunner(model, detectors)

    def work(job: FrameJob) -> None:
        state: State = from_image(job)
        runner.begin(job.stamp_ns)
        for index in range(len(model.stages)):
            state.update(runner.run(index, state))
            state = {name: state[name] for name in model.live_after(index)}
        runner.published(state['detections'])

    return work
