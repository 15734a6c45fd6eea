# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Folding batch normalisation into the convolution before it (Jacob et al. 2018)."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import nn

from restage.detector.network import ConvUnit, RoadNet

Network = TypeVar('Network', bound=nn.Module)


def fold(network: Network) -> Network:
    """Return a copy whose convolutions carry the normalisation; evaluation mode only."""
    folded = copy.deepcopy(network).eval()
    with torch.no_grad():
        for unit in folded.modules():
            if isinstance(unit, ConvUnit) and isinstance(unit.norm, nn.BatchNorm2d):
                norm = unit.norm
                if norm.running_var is None or norm.running_mean is None or unit.conv.bias is None:
                    raise TypeError('only tracked normalisation after a biased convolution folds')
                gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                unit.conv.weight.mul_(gain[:, None, None, None])
                unit.conv.bias.copy_((unit.conv.bias - norm.running_mean) * gain + norm.bias)
                unit.norm = nn.Identity()
    return folded


def folded_network() -> RoadNet:
    """Return a network of the folded architecture with meaningless weights."""
    return fold(RoadNet())
