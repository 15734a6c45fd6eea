# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a model is cut into stages: by times measured here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from restage.accelerator.choice import device_named
from restage.cutting.network import Cut, Network
from restage.cutting.timing import by_measurement
from restage.cutting.verify import same_bits
from restage.models.assemble import assemble
from restage.models.description import Description, description_for
from restage.models.network import cuts_of, network_of
from restage.stages.loading import DESCRIBED, load_model
from restage.stages.model import StagedModel, State


@dataclass(frozen=True)
class CutModel:
    """A network, and the places where it is cut."""

    description: Description
    network: Network
    cuts: tuple[Cut, ...]


def load_planned(spec: str, device: str = 'cpu') -> tuple[StagedModel, CutModel | None]:
    """
    Return the model that ``spec`` names, to run on ``device``.

    One that is not ours is cut anew, unless its description says where.

    :raises ValueError: when it cannot be used.
    """
    path = Path(spec).expanduser()
    if path.suffix not in DESCRIBED:
        return load_model(spec, device), None
    description = description_for(path)
    network = network_of(description, device_named(device))
    cuts = cuts_of(description, network)
    if description.cuts is None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            cuts = by_measurement(network, description.stages)
        finally:
            torch.set_num_threads(threads)
    return assemble(description, network, cuts), CutModel(description, network, tuple(cuts))


def bit_identical(model: StagedModel, image: torch.Tensor) -> bool | None:
    """Return whether the stages make of ``image`` what the uncut network makes; None: unknown."""
    if model.whole is None:
        return None
    first, *others = model.stages
    with torch.inference_mode():
        state: State = first.run({'image': image})
        whole = model.whole({name: tensor.clone() for name, tensor in state.items()})
        for stage in others:
            state.update(stage.run({name: state[name] for name in stage.inputs}))
    return all(same_bits(tensor, state[name]) for name, tensor in whole.items())
