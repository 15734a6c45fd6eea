# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a PyTorch module, in code, to a staged model."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from restage.accelerator.choice import device_named
from restage.models.assemble import assemble
from restage.models.description import load_description
from restage.models.network import cuts_of, grey_picture
from restage.stages.model import StagedModel
from restage.torch_backend.network import TorchNetwork
from restage.torch_backend.program import export


def staged_module(module: nn.Module, description: Path, device: str = 'cpu') -> StagedModel:
    """
    Return ``module`` in stages: exported, cut, between a preprocessing and a decoder.

    It takes one picture (float32, 1 x 3 x height x width) and is put into evaluation mode. The
    stages compute with its own weights on the CPU, with copies of them on a GPU.

    :param description: a YAML file as ``config/models/schema.json`` documents it; it needs no
        ``file``.
    :param device: ``cpu``, ``cuda`` or ``cuda:N``.
    :raises ValueError: when the module cannot be exported, the description is not valid, or there
        is no such device; says what is accepted.
    """
    place = device_named(device)
    found = load_description(description, given=description)
    picture = grey_picture(found)
    network = TorchNetwork(export(module, picture), picture, place)
    return assemble(found, network, cuts_of(found, network))
