# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fault-aware training: the network learns with critical faults in its weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from restage.hardening.clipping import Ranges, clipped
from restage.hardening.search import context_of, search
from restage.sampling.classifier.digits import Digits
from restage.sampling.classifier.networks import VGG, ResNet
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.training import BATCH, shifted
from restage.sampling.engine import Engine
from restage.sampling.space import Fault, FaultSpace
from restage.sampling.subject import Subject

Told = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """
    How to train on.

    Before each epoch ``sampler`` gets ``trials`` trials on ``images`` training pictures and on the
    weights of then; the critical faults it found are trained with, and those of earlier epochs.
    ``elements``: of the random part of the weights that it searches.
    """

    seed: int = 5
    epochs: int = 6
    rate: float = 5e-4
    sampler: str = 'restage'
    trials: int = 100
    images: int = 100
    elements: int = 1024
    threshold: float = 0.05


def harden(
    network: ResNet | VGG,
    digits: Digits,
    recipe: Recipe,
    ranges: Ranges | None = None,
    told: Told = lambda _critical, _trials: None,
) -> ResNet | VGG:
    """
    Return a trained copy of ``network`` (folded).

    Every step adds the gradients of the clean batch and of the same batch with one of the critical
    faults. A fault after which the loss or a gradient is no number teaches nothing and is left out
    of that step: without clipping, that is what a flip of the top exponent bit comes to.

    :param ranges: the outputs of stages are clipped to, in training as later in use.
    :param told: hears after each epoch how many critical faults are known, and of the trials.
    """
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, 61])
    network = copy.deepcopy(network).train()
    few = Digits(digits.images[: recipe.images], digits.labels[: recipe.images])
    pool: dict[Fault, None] = {}
    steps = recipe.epochs * -(-len(digits.labels) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    trials = 0
    for epoch in range(recipe.epochs):
        engine = Engine(_subject(network, few, ranges))
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
        network.requires_grad_(True)
        trained = _subject(network, digits, ranges)
        for chosen in torch.split(torch.randperm(len(digits.labels)), BATCH):
            optimiser.zero_grad(set_to_none=True)
            images, labels = shifted(digits.images[chosen]), digits.labels[chosen]
            _loss(trained, images, labels).backward()  # type: ignore[no-untyped-call]
            if pool:
                fault = list(pool)[int(rng.integers(len(pool)))]
                _learn_with(trained, engine.space, fault, images, labels)
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
        network.requires_grad_(False)
    return network.eval()


def _subject(network: ResNet | VGG, digits: Digits, ranges: Ranges | None) -> Subject:
    subject = classifier_subject('training', network, digits)
    return subject if ranges is None else clipped(subject, ranges)


def _loss(subject: Subject, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    state = {'x': images}
    for stage in subject.stages:
        state.update(stage.run(state))
    return functional.cross_entropy(state['logits'], labels, label_smoothing=0.05)


def _learn_with(
    subject: Subject, space: FaultSpace, fault: Fault, images: torch.Tensor, labels: torch.Tensor
) -> None:
    """Add the gradients with ``fault``, but for the weight that it hits."""
    parameters = list(subject.weights.values())
    site = space.sites[fault.site]
    with faulty(subject, space, fault):
        loss = _loss(subject, images, labels)
        if not torch.isfinite(loss):
            return
        slopes = torch.autograd.grad(loss, parameters)
    if not all(bool(torch.isfinite(slope).all()) for slope in slopes):
        return
    for name, parameter, slope in zip(subject.weights, parameters, slopes, strict=True):
        if name == site.tensor:
            place = [int(at) for at in np.unravel_index(fault.element, site.shape)]
            slope[tuple(place)] = 0.0
        assert parameter.grad is not None
        parameter.grad += slope


@contextmanager
def faulty(subject: Subject, space: FaultSpace, fault: Fault) -> Iterator[None]:
    """Have a fault in a live weight, of the bits that the weight has now."""
    site = space.sites[fault.site]
    weight = subject.weights[site.tensor].detach()
    place = tuple(int(at) for at in np.unravel_index(fault.element, site.shape))
    old = weight[place].clone()
    raw = space.model.apply(space.storage.encode(old.reshape(1).numpy(), site.scale), fault.bit)
    weight[place] = float(space.storage.decode(raw, site.scale)[0])
    try:
        yield
    finally:
        weight[place] = old
