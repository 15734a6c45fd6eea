# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where faults can hit a subject: its weights, or what its stages put out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from restage.sampling.errors import SamplingError, not_accepted
from restage.sampling.fault_model import FaultModel
from restage.sampling.space import FaultSpace, Site
from restage.sampling.storage import Raw, Storage
from restage.sampling.subject import Subject
from restage.stages.model import State

TARGETS = ('weights', 'neurons')


def weight_space(
    subject: Subject, model: FaultModel, storage: Storage, scales: Mapping[str, float]
) -> FaultSpace:
    """
    Return every fault in the float32 weights of the stages; the bits are those of now.

    A weight that several stages read is at the first of them.

    :raises SamplingError: when there is none.
    """
    sites, raw = [], []
    for name, position in first_stages(subject).items():
        tensor, scale = subject.weights[name], scales[name]
        if tensor.dtype == torch.float32:
            layer = subject.layers.get(name, name.rpartition('.')[0])
            shape = tuple(tensor.shape)
            sites.append(Site(tensor=name, layer=layer, stage=position, shape=shape, scale=scale))
            raw.append(bits_of(tensor, storage, scale).reshape(-1))
    if not sites:
        raise SamplingError(
            f"'{subject.name}' has no float32 weights that can be written to; accepted: a model "
            "with 'weights: live', or --target neurons"
        )
    space = FaultSpace('weights', sites, model, storage)
    space.raw = np.concatenate(raw)
    return space


def neuron_space(
    subject: Subject,
    model: FaultModel,
    storage: Storage,
    outputs: Sequence[State],
    scales: Mapping[str, float],
) -> FaultSpace:
    """
    Return every fault in the float32 outputs of the stages that have weights.

    :param outputs: of each stage, what it makes of the first input.
    """
    sites = []
    for position, stage in enumerate(subject.stages):
        if not stage.weights:
            continue
        for name in stage.outputs:
            made = outputs[position][name]
            if made.dtype != torch.float32:
                continue
            shape = tuple(subject.by_picture(made).shape[1:])
            sites.append(
                Site(
                    tensor=name,
                    layer=stage.name,
                    stage=position,
                    shape=shape,
                    scale=scales[name],
                )
            )
    return FaultSpace('neurons', sites, model, storage)


def first_stages(subject: Subject) -> dict[str, int]:
    """Return the weights in the order of the stages, and the first that reads each."""
    found: dict[str, int] = {}
    for position, stage in enumerate(subject.stages):
        for name in stage.weights:
            found.setdefault(name, position)
    return found


def bits_of(tensor: torch.Tensor, storage: Storage, scale: float) -> Raw:
    """Return the bits of ``tensor`` in ``storage``, in its shape."""
    return storage.encode(tensor.detach().contiguous().numpy(), scale)


def check_target(target: str) -> str:
    """
    Return ``target``.

    :raises SamplingError: when it is none.
    """
    if target not in TARGETS:
        raise not_accepted('target', target, TARGETS)
    return target
