# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Range clipping: what a stage puts out is brought to where it was without faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch

from restage.sampling.subject import Subject
from restage.stages.model import Stage, State

Ranges = dict[str, tuple[float, float]]


def calibrate(subject: Subject) -> Ranges:
    """Return the least and the largest value of every output, over all inputs of ``subject``."""
    found: Ranges = {}
    with torch.inference_mode():
        for state in subject.inputs:
            for stage in subject.stages:
                made = stage.run(state)
                state = {**state, **made}
                for name, tensor in made.items():
                    low, high = found.get(name, (torch.inf, -torch.inf))
                    least, largest = float(tensor.min()), float(tensor.max())
                    found[name] = min(low, least), max(high, largest)
    return found


def clipped(subject: Subject, ranges: Ranges) -> Subject:
    """
    Return ``subject`` with every output clipped to its range, as Ranger does it.

    What is no number becomes 0. Source: Chen et al., "A low-cost fault corrector for deep neural
    networks through range restriction" (DSN 2021).
    """
    stages = tuple(_clipped_stage(stage, ranges) for stage in subject.stages)

    def whole(state: State) -> State:
        for stage in stages:
            state = {**state, **stage.run(state)}
        return state

    return replace(subject, stages=stages, whole=whole)


def _clipped_stage(stage: Stage, ranges: Ranges) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        found = {}
        for name, tensor in stage.run(state).items():
            low, high = ranges[name]
            # First clip: infinity has a nearer end, which NaN has not.
            found[name] = torch.nan_to_num(tensor.clamp(low, high), nan=0.0)
        return found

    return replace(stage, run=run)
