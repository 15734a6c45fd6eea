# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A subject small enough to run every fault of."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

from restage.sampling.classifier.digits import Digits
from restage.sampling.classifier.networks import VGG, ResNet
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.subject import Subject
from restage.stages.model import Stage, State


def random_digits(count: int) -> Digits:
    generator = torch.Generator().manual_seed(count)
    labels = torch.randint(0, 10, (count,), generator=generator)
    return Digits(torch.randn(count, 1, 16, 16, generator=generator), labels)


def random_classifier(make: type[ResNet | VGG], count: int = 4) -> Subject:
    """A network with random weights; its own answers are the labels."""
    from restage.detector.folding import fold

    torch.manual_seed(3)
    network = fold(make()).requires_grad_(False)
    images = random_digits(count).images
    return classifier_subject('random', network, Digits(images, network(images).argmax(1)))


def two_layers() -> Subject:
    """Four inputs, five hidden, three classes; 48 pictures: 43 weights."""
    generator = torch.Generator().manual_seed(11)
    network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).requires_grad_(False)
    for tensor in network.parameters():
        tensor.copy_(torch.randn(tensor.shape, generator=generator))
    x = torch.randn(48, 4, generator=generator)
    labels = network(x).argmax(1)

    def stage(name: str, source: str, target: str, layer: int) -> Stage:
        def run(state: Mapping[str, torch.Tensor]) -> State:
            made = network[layer](state[source])
            return {target: functional.relu(made) if layer == 0 else made}

        weights = (f'{layer}.weight', f'{layer}.bias')
        return Stage(name=name, inputs=(source,), outputs=(target,), run=run, weights=weights)

    def judge(outputs: list[State]) -> dict[str, float]:
        logits = outputs[0]['logits']
        found = torch.where(torch.isfinite(logits).all(1), logits.argmax(1), -1)
        return {'damage': float((found != labels).double().mean())}

    def gradients() -> dict[str, torch.Tensor]:
        with torch.enable_grad():
            network.requires_grad_(True)
            names, tensors = zip(*network.named_parameters(), strict=True)
            found = torch.autograd.grad(network(x).sum(), tensors)
            network.requires_grad_(False)
        return dict(zip(names, found, strict=True))

    return Subject(
        name='two layers',
        stages=(stage('hidden', 'x', 'h', 0), stage('out', 'h', 'logits', 2)),
        weights=dict(network.named_parameters()),
        inputs=({'x': x},),
        pictures=len(x),
        judge=judge,
        whole=lambda state: {'logits': network(state['x'])},
        gradients=gradients,
        differentiable=True,
    )
