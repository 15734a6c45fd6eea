# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How much each element matters, before anything is injected: what ISimDL samples by."""

from __future__ import annotations

import numpy as np
import torch

from restage.detector.errors import ModelError
from restage.sampling.errors import SensitivityError
from restage.sampling.samplers.base import Doubles
from restage.sampling.space import FaultSpace
from restage.sampling.subject import Subject
from restage.stages.model import State

STEPS = 8  # of the integral
PICTURES = 16


def importance(subject: Subject, space: FaultSpace) -> Doubles:
    """
    Return |sensitivity| of each element of ``space``, for one batch.

    Of a weight: the gradient of the summed outputs. Of an output: its conductance, meaned over the
    batch (Dhamdhere et al. 2018).

    :raises SensitivityError: where it is not known; says why.
    """
    if space.target == 'weights':
        try:
            found = subject.gradients()
        except ModelError as error:
            raise SensitivityError(f"weights of '{subject.name}': {error}") from None
    elif subject.differentiable:
        found = conductance(subject)
    else:
        raise SensitivityError(
            f"outputs of '{subject.name}': nothing differentiates them; accepted: resnet, vgg"
        )
    each = np.zeros(space.elements)
    for number, site in enumerate(space.sites):
        own = space.site == number
        values = found[site.tensor].abs().contiguous().numpy().reshape(-1)
        each[own] = values[space.index[own]]
    return each


def conductance(subject: Subject) -> dict[str, torch.Tensor]:
    """
    Return the conductance of the output of every stage with weights, meaned over the batch.

    Along the straight way from a blank input to the input, the sum of (gradient of the summed
    results by the output) x (how far the output moved): Shrikumar et al. (2018).
    """
    state = {name: tensor[:PICTURES] for name, tensor in subject.inputs[0].items()}
    total: dict[str, torch.Tensor] = {}
    before: State = {}
    for step in range(STEPS + 1):
        scaled = {name: tensor * (step / STEPS) for name, tensor in state.items()}
        with torch.enable_grad():
            made = _outputs(subject, scaled)
            result = made[subject.last()[0]]
            slopes = torch.autograd.grad(result.sum(), list(made.values()))
        values = {name: tensor.detach() for name, tensor in made.items()}
        if before:
            for name, slope in zip(made, slopes, strict=True):
                part = (slope * (values[name] - before[name])).mean(dim=0)
                total[name] = total.get(name, torch.zeros_like(part)) + part
        before = values
    return total


def _outputs(subject: Subject, state: State) -> State:
    state = {name: tensor.detach().requires_grad_() for name, tensor in state.items()}
    made: State = {}
    for stage in subject.stages:
        outputs = stage.run(state)
        state = {**state, **outputs}
        if stage.weights:
            made.update(outputs)
    return made
