# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A classifier as the subject of a campaign."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from restage.sampling.classifier.digits import Digits
from restage.sampling.classifier.networks import VGG, ResNet, stages_of
from restage.sampling.subject import Subject
from restage.stages.model import State

LARGEST_LOSS = 1e4  # what a loss that is no number counts as


def classifier_subject(name: str, network: ResNet | VGG, digits: Digits) -> Subject:
    """Return ``network`` with all of ``digits`` as one batch."""
    inputs = (State(x=digits.images),)
    with torch.inference_mode():
        clean = network(digits.images)
    reference = clean.argmax(1)
    right = int((reference == digits.labels).sum())
    loss = float(functional.cross_entropy(clean, digits.labels))

    def judge(outputs: Sequence[State]) -> dict[str, float]:
        logits = outputs[0]['logits']
        valid = torch.isfinite(logits).all(dim=1)
        # A row that is not finite names no class: it is wrong.
        found = torch.where(valid, logits.argmax(1), -1)
        good = int((found == digits.labels).sum())
        changed = float(functional.cross_entropy(logits, digits.labels))
        if not abs(changed) <= LARGEST_LOSS:
            changed = LARGEST_LOSS
        return {
            'damage': (right - good) / right,
            'sdc1': float((valid & (found != reference)).double().mean()),
            'not_finite': float((~valid).double().mean()),
            'loss_change': changed - loss,
        }

    def gradients() -> dict[str, torch.Tensor]:
        names, parameters = zip(*network.named_parameters(), strict=True)
        with torch.enable_grad():
            network.requires_grad_(True)
            found = torch.autograd.grad(network(digits.images).sum(), parameters)
            network.requires_grad_(False)
        return dict(zip(names, found, strict=True))

    return Subject(
        name=name,
        stages=stages_of(network),
        weights=dict(network.named_parameters()),
        inputs=inputs,
        pictures=len(digits.labels),
        judge=judge,
        whole=lambda state: State(logits=network(state['x'])),
        gradients=gradients,
        differentiable=True,
    )
