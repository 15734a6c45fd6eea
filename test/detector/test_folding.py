# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import torch
from torch import nn

from restage.detector.folding import fold
from restage.detector.network import RoadNet


def test_folding_keeps_the_function():
    torch.manual_seed(3)
    network = RoadNet()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2.0)
            nn.init.uniform_(module.weight, 0.5, 1.5)
    network.eval()
    folded = fold(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        for before, after in zip(network(x), folded(x), strict=True):
            assert torch.allclose(before, after, atol=1e-4)
