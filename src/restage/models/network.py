# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a description to the network it describes."""

from __future__ import annotations

import torch

from restage.accelerator.choice import CPU
from restage.cutting.balance import by_arithmetic
from restage.cutting.network import Cut, Network
from restage.models.description import Description
from restage.models.input import Preprocess


def network_of(description: Description, device: torch.device = CPU) -> Network:
    """
    Return the network on ``device``, run once on a grey picture.

    :raises ModelError: when its file cannot be used.
    """
    picture = grey_picture(description)
    if description.architecture is not None:
        from restage.torchvision_backend.api import build, load_torchvision
        from restage.torchvision_backend.network import TorchvisionNetwork

        model = build(load_torchvision(), *description.architecture, description.file)
        return TorchvisionNetwork(model, picture, device)
    if description.file.suffix == '.pt2':
        from restage.torch_backend.network import TorchNetwork
        from restage.torch_backend.program import load_program

        return TorchNetwork(load_program(description.file), picture, device)
    from restage.onnx_backend.graph import load_line
    from restage.onnx_backend.network import OnnxNetwork
    from restage.onnx_backend.providers import providers_for

    line = load_line(description.file)
    if description.runtime == 'tensorrt':
        from restage.trt_backend.network import TrtNetwork

        return TrtNetwork(line, picture, description.engine, device)
    providers = providers_for(description.providers, device, description.engine)
    return OnnxNetwork(line, picture, live=description.live, providers=providers)


def grey_picture(description: Description) -> torch.Tensor:
    """Return the input that the network gets for a picture that is grey all over."""
    width, height = description.input.size
    grey = torch.full((height, width, 3), 114, dtype=torch.uint8)
    picture, _ = Preprocess(description.input)(grey)
    return picture


def cuts_of(description: Description, network: Network) -> list[Cut]:
    """Return the cuts that the description names, else some for stages of about one size."""
    if description.cuts is not None:
        return network.named(description.cuts)
    return by_arithmetic(network, description.stages)
