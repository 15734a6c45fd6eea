# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A staged detector, whatever runs it, as the subject of a campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from restage.sampling.detection_judges import ReferenceJudge, TruthJudge
from restage.sampling.pictures import Picture
from restage.sampling.subject import Subject
from restage.scene import CLASSES
from restage.stages.model import StagedModel, State

# From everything that was made of each picture to the gradients by name.
Slopes = Callable[[Sequence[State]], dict[str, torch.Tensor]]


def staged_subject(
    model: StagedModel,
    pictures: Sequence[Picture],
    slopes: Slopes,
    layers: Mapping[str, str] | None = None,
) -> Subject:
    """
    Return ``model`` with ``pictures``.

    It is judged by their ground truth where all have one, of the classes of the model; else by what
    it detects itself without a fault.

    :param layers: which layer each weight belongs to, if its name does not say so.
    :raises SamplingError: when nothing is detected in the pictures.
    """

    def whole(state: State) -> State:
        run = dict(state)
        for stage in model.stages:
            run.update(stage.run(run))
        return run

    inputs = tuple(State(image=image) for image, _ in pictures)
    clean = [whole(state) for state in inputs]
    return Subject(
        name=model.name,
        stages=model.stages,
        weights=model.weights,
        inputs=inputs,
        pictures=len(inputs),
        judge=_judge(model, pictures, clean),
        whole=whole,
        gradients=lambda: slopes(clean),
        failed={'detections': torch.full((1, 6), torch.nan)},
        scenario=True,
        layers=layers or {},
    )


def _judge(
    model: StagedModel, pictures: Sequence[Picture], clean: Sequence[State]
) -> TruthJudge | ReferenceJudge:
    truths = [truth for _, truth in pictures if truth is not None]
    if len(truths) == len(pictures) and tuple(model.class_names) == tuple(CLASSES):
        return TruthJudge(clean, truths, len(CLASSES))
    return ReferenceJudge(clean, len(model.class_names))
