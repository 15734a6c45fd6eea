# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""RoadNet as a staged model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from torch import Tensor

from restage.accelerator.choice import CPU
from restage.accelerator.placement import on, on_host
from restage.detector.bounds import has_bounds
from restage.detector.decode import SCORE_THRESHOLD, Decoder
from restage.detector.network import INPUT_SIZE, RoadNet
from restage.detector.preprocess import preprocess
from restage.detector.weights import load_network
from restage.scene.types import CLASSES
from restage.stages.model import Stage, StagedModel

State = dict[str, Tensor]
Function = Callable[..., tuple[Tensor, ...]]


def _stage(
    name: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    call: Function,
    weights: Iterable[str] = (),
) -> Stage:
    """Return a stage; ``weights``: names of all, of which those under its own name are its own."""

    def run(state: Mapping[str, Tensor]) -> State:
        with torch.inference_mode():
            made = call(*(_arranged(state[key]) for key in inputs))
        return dict(zip(outputs, made, strict=True))

    own = tuple(weight for weight in weights if weight.startswith(f'{name}.'))
    return Stage(name=name, inputs=inputs, outputs=outputs, run=run, weights=own)


def _arranged(tensor: Tensor) -> Tensor:
    """Return pictures in channels-last order: the same bits come out wherever they came from."""
    if tensor.ndim == 4:
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor


def staged(
    network: RoadNet, score_threshold: float = SCORE_THRESHOLD, device: torch.device = CPU
) -> StagedModel:
    """Wrap a folded network; its parameters stay live under ``StagedModel.weights``."""
    network = network.to(device)
    weights = dict(network.named_parameters())
    stages = [_stage('preprocess', ('image',), ('x', 'geometry'), preprocess)]
    source = 'x'
    for index, part in enumerate(network.backbone):
        target = f'c{index + 2}'

        def step(x: Tensor, part: torch.nn.Module = part) -> tuple[Tensor, ...]:
            return (part(x),)

        stages.append(_stage(f'backbone.{index}', (source,), (target,), on(device, step), weights))
        source = target
    neck, head, call = (on(device, part) for part in (network.neck, network.head, network))
    stages.append(_stage('neck', ('c3', 'c4', 'c5'), ('p3', 'p4', 'p5'), neck, weights))
    stages.append(_stage('head', ('p3', 'p4', 'p5'), ('h3', 'h4', 'h5'), head, weights))
    decoder = Decoder(score_threshold)

    def decode(*state: Tensor) -> tuple[Tensor, ...]:
        return decoder(state[:-1], state[-1])

    def whole(state: State) -> State:
        with torch.inference_mode():
            levels = call(_arranged(state['x']))
        return dict(zip(('h3', 'h4', 'h5'), levels, strict=True))

    outputs = ('detections', 'support')
    read = ('h3', 'h4', 'h5', 'geometry')
    stages.append(_stage('decode', read, outputs, on_host(device, decode)))
    return StagedModel(
        name='roadnet-hardened' if has_bounds(network) else 'roadnet',
        stages=tuple(stages),
        class_names=CLASSES,
        input_size=INPUT_SIZE,
        weights=weights,
        # Of `restage plan bundled --overhead 5`. Not the image: primary and standby both have it.
        boundaries=('backbone.1', 'backbone.3'),
        whole=whole,
    )


def load_bundled(weights: Path | None = None, device: torch.device = CPU) -> StagedModel:
    """
    Return the bundled detector, or the same network with other weights, to run on ``device``.

    :raises ModelError: when the weights file cannot be used.
    """
    return staged(load_network(weights), device=device)
