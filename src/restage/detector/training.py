# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The training loop: AdamW, one cycle, averaged weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from restage.detector.batches import epoch_batches
from restage.detector.boxes import flatten, locations
from restage.detector.loss import detection_loss
from restage.detector.network import INPUT_SIZE, STRIDES, RoadNet
from restage.detector.samples import Samples

AVERAGING = 0.998


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Hyper-parameters; ``rate`` is the peak learning rate."""

    seed: int
    epochs: int
    batch: int = 8
    rate: float = 2.0e-3
    decay: float = 0.02

    def __post_init__(self) -> None:
        """Refuse what cannot train."""
        if self.epochs < 1 or self.batch < 1:
            raise ValueError(f'epochs and batch must be positive, got {self.epochs}, {self.batch}')


def average(averaged: nn.Module, network: nn.Module, step: int) -> None:
    """Move ``averaged`` towards ``network``, after ``step`` steps of training."""
    keep = min(AVERAGING, (1 + step) / (10 + step))
    with torch.no_grad():
        pairs = zip(averaged.state_dict().values(), network.state_dict().values(), strict=True)
        for old, new in pairs:
            if old.dtype.is_floating_point:
                old.lerp_(new, 1.0 - keep)
            else:
                old.copy_(new)


def train(
    samples: Samples, recipe: Recipe, told: Callable[[int, int, float, float], None]
) -> RoadNet:
    """
    Train a network from scratch and return its averaged weights (not folded).

    ``told(step, steps, score_loss, box_loss)`` is called after every step.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, 5])
    network = RoadNet().train()
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = copy.deepcopy(network)
    width, height = INPUT_SIZE
    centres, strides = locations([(height // s, width // s) for s in STRIDES])
    plain = [p for p in network.parameters() if p.ndim < 2]
    heavy = [p for p in network.parameters() if p.ndim >= 2]
    groups: list[dict[str, Any]] = [{'params': heavy}, {'params': plain, 'weight_decay': 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * (len(samples.images) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=max(steps, 2), pct_start=0.1
    )
    step = 0
    for _ in range(recipe.epochs):
        for batch in epoch_batches(samples, recipe.batch, rng, centres, strides):
            with torch.autocast('cpu', torch.bfloat16):
                levels = network(batch.x)
            logits, raw = flatten(levels)
            score, box = detection_loss(
                logits.float(), raw.float(), batch.labels, batch.boxes, centres, strides
            )
            optimiser.zero_grad(set_to_none=True)
            (score + box).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 10.0)
            optimiser.step()
            schedule.step()
            step += 1
            average(averaged, network, step)
            told(step, steps, float(score.detach()), float(box.detach()))
    averaged.eval()
    return averaged
