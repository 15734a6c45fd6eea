# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Training of the classifiers: seconds on one core."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

from restage.detector.folding import fold
from restage.sampling.classifier.digits import Digits
from restage.sampling.classifier.networks import VGG, ResNet

EPOCHS = 30
BATCH = 64
RATE = 5e-3
SHIFT = 1  # pixels


def train(
    make: Callable[[], ResNet | VGG], digits: Digits, seed: int, epochs: int = EPOCHS
) -> ResNet | VGG:
    """Train a network from scratch on shifted digits; return it with folded normalisation."""
    torch.manual_seed(seed)
    network = make().train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.02)
    steps = epochs * -(-len(digits.labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.split(torch.randperm(len(digits.labels)), BATCH):
            images = shifted(digits.images[chosen])
            loss = functional.cross_entropy(
                network(images), digits.labels[chosen], label_smoothing=0.05
            )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
    return fold(network)


def shifted(images: torch.Tensor) -> torch.Tensor:
    """Return the pictures moved by up to a pixel, all of a batch alike."""
    across, down = torch.randint(-SHIFT, SHIFT + 1, (2,)).tolist()
    return torch.roll(images, (down, across), dims=(2, 3))


def accuracy(network: nn.Module, digits: Digits) -> float:
    """Return the share of digits whose highest logit is that of their label."""
    with torch.inference_mode():
        return float((network(digits.images).argmax(1) == digits.labels).double().mean())
