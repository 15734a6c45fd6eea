# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A RoadNet (the bundled detector, or other weights for it) as the subject of a campaign."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

import torch

from restage.detector.network import RoadNet
from restage.detector.staged import staged
from restage.sampling.pictures import Picture
from restage.sampling.staged_subject import staged_subject
from restage.sampling.subject import Subject
from restage.stages.model import State


def subject_of(network: RoadNet, pictures: Iterable[Picture]) -> Subject:
    """
    Return ``network`` (folded) with ``pictures``.

    :raises SamplingError: when it detects nothing in them.
    """

    def slopes(clean: Sequence[State]) -> dict[str, torch.Tensor]:
        own = copy.deepcopy(network).requires_grad_(True)
        names, parameters = zip(*own.named_parameters(), strict=True)
        x = clean[0]['x'].clone()
        total = sum(level.sum() for level in own(x))
        assert isinstance(total, torch.Tensor)
        found = torch.autograd.grad(total, parameters, materialize_grads=True)  # of bounds: none
        return dict(zip(names, found, strict=True))

    return staged_subject(staged(network), list(pictures), slopes)
