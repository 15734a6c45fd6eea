# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a campaign injects into: the stages of a model, what they are run on, how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from restage.stages.model import Stage, State

# Of the tensors that the last stage made, one state for each of the inputs: figures by name.
Judge = Callable[[Sequence[State]], dict[str, float]]
Gradients = Callable[[], dict[str, torch.Tensor]]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """
    A model in stages with inputs and a judge.

    ``weights``: live float32 tensors by name; a stage reads those it names. ``inputs``: states in
    front of the first stage, each run by itself, ``pictures`` in all. ``judge`` returns figures of
    the outputs, among them ``damage``, the relative loss of quality (accuracy or mAP) against the
    run without a fault, which criticality is decided by. ``whole`` runs the network without stages,
    from an input state to that of the last stage. ``gradients``: by name, the gradient of the
    summed outputs for one batch (ModelError: it is not known); ``differentiable``: whether the
    stages can be differentiated as well. ``failed``: what the last stage is taken to have made when
    a stage raises; None: none does. ``scenario``: whether a detection node can load the model.
    ``layers``: of weights whose names do not begin with it, the layer.
    """

    name: str
    stages: tuple[Stage, ...]
    weights: Mapping[str, torch.Tensor]
    inputs: tuple[State, ...]
    pictures: int
    judge: Judge
    whole: Callable[[State], State]
    gradients: Gradients
    differentiable: bool = False
    failed: State | None = None
    scenario: bool = False
    layers: Mapping[str, str] = field(default_factory=dict)

    def by_picture(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return ``tensor`` with the pictures along the first axis; one picture may have none."""
        batch = self.pictures // len(self.inputs)
        return tensor if tensor.ndim and tensor.shape[0] == batch else tensor[None]

    def last(self) -> tuple[str, ...]:
        """Return the names of what the last stage makes."""
        return self.stages[-1].outputs

    def live_after(self, position: int) -> tuple[str, ...]:
        """Return the tensors that stages after stage ``position`` read, or the result."""
        later = self.stages[position + 1 :]
        if not later:
            return self.last()
        made = {name for stage in self.stages[: position + 1] for name in stage.outputs}
        read = {name for stage in later for name in stage.inputs}
        return tuple(sorted(made & read))
