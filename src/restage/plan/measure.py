# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Time stages and checkpoints on real inference, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import torch

from restage.checkpoint.boundaries import IMAGE
from restage.checkpoint.folder import SHARED_MEMORY
from restage.plan.frame import time_checkpoints, time_stages
from restage.plan.samples import Samples, TensorSamples
from restage.plan.store import private_store
from restage.stages.loading import WARM_UP_FRAMES, warm_up
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner


def measure(
    model: StagedModel,
    images: Iterable[torch.Tensor],
    told: Callable[[int], None] = lambda _: None,
    *,
    root: Path = SHARED_MEMORY,
) -> Samples:
    """
    Take every image (uint8, H x W x 3, of the model's input size) through the stages twice.

    Once without checkpoints, for the times of the stages; once with a checkpoint of every tensor
    right behind its stage, while it is as warm in the caches as it will be; then each is restored.

    :param told: called with the number of images done.
    :param root: where the temporary checkpoint store is made.
    :raises StageError: when a stage fails.
    :raises StoreError: when the store cannot be made or has no room.
    :raises PlanError: when a stage makes NaN or infinity.
    """
    runner = StageRunner(model)
    sizes = warm_up(runner)
    samples = _empty(model)
    with private_store(model, {name: sizes[name] for name in samples.tensors}, root) as store:
        blank = _empty(model)  # the first frames touch the memory of the store for the first time
        for stamp in range(1, WARM_UP_FRAMES + 1):
            time_checkpoints(runner, *store, sizes['image'], stamp, blank)
        for done, image in enumerate(images, 1):
            time_stages(runner, image, samples)
            time_checkpoints(runner, *store, image, WARM_UP_FRAMES + done, samples)
            told(done)
    return samples


def _empty(model: StagedModel) -> Samples:
    live = tuple(model.live_after(place) for place in range(IMAGE, len(model.stages)))
    tensors: dict[str, TensorSamples] = {}
    for boundary, names in enumerate(live, IMAGE):
        for name in names:
            tensors.setdefault(name, TensorSamples(name, boundary))
    stages = tuple(stage.name for stage in model.stages)
    return Samples(stages, live, tensors, [[] for _ in stages])
