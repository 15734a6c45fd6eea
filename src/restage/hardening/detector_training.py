# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fault-aware training of the detector, with bounds inside it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from restage.detector.batches import Batch, epoch_batches
from restage.detector.bounds import fit_bounds
from restage.detector.boxes import flatten, locations
from restage.detector.evaluate import Truth
from restage.detector.loss import detection_loss
from restage.detector.network import INPUT_SIZE, STRIDES, RoadNet
from restage.detector.samples import Samples
from restage.detector.training import average
from restage.hardening.search import context_of, search
from restage.hardening.training import Told, faulty
from restage.sampling.detector_subject import subject_of
from restage.sampling.engine import Engine
from restage.sampling.space import Fault

FITTED = 400  # training frames that bounds are fitted to
STEEPEST = 10.0  # norm of a gradient


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """
    How to train on; ``frames``: training frames that critical faults are searched with.

    ``elements``: of the weights, that are searched; 0: all. The rest is as of
    ``restage.hardening.training.Recipe``.
    """

    seed: int
    epochs: int
    trials: int
    threshold: float
    frames: int = 14
    elements: int = 0
    rate: float = 2e-4
    batch: int = 8
    sampler: str = 'restage'


def harden_detector(network: RoadNet, samples: Samples, recipe: Recipe, told: Told) -> RoadNet:
    """
    Return a trained copy of ``network`` (folded, with bounds), its bounds fitted again.

    Before each epoch the sampler looks for critical faults in the weights of then. Every step adds
    the gradients of the clean batch and of the same batch with one of those known, each no steeper
    than ``STEEPEST``; a fault after which something is no number is left out of the step.

    :param told: hears before each epoch how many critical faults are known, and of the trials.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, 61])
    lesson = _Lesson(copy.deepcopy(network))
    averaged = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(lesson.weights, lr=recipe.rate, weight_decay=0.02)
    steps = recipe.epochs * (len(samples.images) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=max(steps, 2), pct_start=0.1
    )
    pool: dict[Fault, None] = {}
    trials = step = 0
    for epoch in range(recipe.epochs):
        fit_bounds(lesson.network, pictures(samples, FITTED))
        engine = Engine(subject_of(lesson.network, frames(samples, recipe.frames)))
        part = engine.space.subset(recipe.elements, recipe.seed + epoch)
        found = search(
            engine,
            context_of(engine, part),
            recipe.sampler,
            recipe.threshold,
            (recipe.seed, epoch),
            recipe.trials,
        )
        trials += found.trials
        pool.update(dict.fromkeys(found.critical))
        told(len(pool), trials)
        lesson.begin()
        for batch in epoch_batches(samples, recipe.batch, rng, lesson.centres, lesson.strides):
            fault = list(pool)[int(rng.integers(len(pool)))] if pool else None
            lesson.learn(batch, engine, fault)
            optimiser.step()
            schedule.step()
            step += 1
            average(averaged, lesson.network, step)
        lesson.network.requires_grad_(False)
    fit_bounds(averaged, pictures(samples, FITTED))
    return averaged.eval()


def pictures(samples: Samples, count: int) -> Iterator[Tensor]:
    """Yield about ``count`` pictures from all over the samples, as the network takes them."""
    for index in range(0, len(samples.images), max(1, len(samples.images) // count)):
        picture = torch.from_numpy(np.array(samples.images[index])).permute(2, 0, 1)[None]
        yield picture.to(torch.float32, memory_format=torch.channels_last).mul_(1.0 / 255.0)


def frames(samples: Samples, count: int) -> Iterator[tuple[Tensor, Truth]]:
    """Yield about ``count`` frames from all over the samples, with ground truth."""
    for index in range(0, len(samples.images), max(1, len(samples.images) // count)):
        rows = samples.truth[index]
        rows = rows[rows[:, 4] >= 0].astype(np.float64)
        truth = Truth(
            boxes=rows[:, :4], classes=rows[:, 4].astype(np.int64), ignore=rows[:, 5] > 0.5
        )
        yield torch.from_numpy(np.array(samples.images[index])), truth


class _Lesson:
    """A network that learns, and where its outputs are."""

    def __init__(self, network: RoadNet) -> None:
        width, height = INPUT_SIZE
        self.network = network
        self.centres, self.strides = locations([(height // s, width // s) for s in STRIDES])
        named = network.named_parameters()
        self.weights = [weight for name, weight in named if '.bound.' not in name]

    def begin(self) -> None:
        """Have gradients from now on."""
        for weight in self.weights:
            weight.requires_grad_(True)

    def learn(self, batch: Batch, engine: Engine, fault: Fault | None) -> None:
        """
        Give every weight the gradient of the clean batch, and of that with ``fault``.

        :raises ArithmeticError: when that of the clean batch is no number.
        """
        clean = self._slopes(batch)
        if clean is None:
            raise ArithmeticError('training diverged: a gradient without a fault is no number')
        for weight, slope in zip(self.weights, clean, strict=True):
            weight.grad = slope
        if fault is None:
            return
        with faulty(engine.subject, engine.space, fault):
            slopes = self._slopes(batch)
        site = engine.space.sites[fault.site]
        for weight, slope in zip(self.weights, slopes, strict=True) if slopes else ():
            if weight is engine.subject.weights[site.tensor]:
                slope[tuple(int(at) for at in np.unravel_index(fault.element, site.shape))] = 0.0
            assert weight.grad is not None
            weight.grad += slope

    def _slopes(self, batch: Batch) -> list[Tensor] | None:
        """Return gradients of the loss, no steeper than allowed; None when one is no number."""
        with torch.autocast('cpu', torch.bfloat16):
            levels = self.network(batch.x)
        logits, raw = (part.float() for part in flatten(levels))
        score, box = detection_loss(
            logits, raw, batch.labels, batch.boxes, self.centres, self.strides
        )
        slopes = torch.autograd.grad(score + box, self.weights)
        norm = float(torch.linalg.vector_norm(torch.stack([slope.norm() for slope in slopes])))
        if not np.isfinite(norm):
            return None
        return [slope * min(1.0, STEEPEST / (norm + 1e-6)) for slope in slopes]
