# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Bounds inside the network: what no value without a fault is, goes no further."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from restage.detector.network import CLASS_COUNT, ConvUnit, Head, RoadNet

# A bound is so many times as far as the farthest value that was seen without a fault.
MARGIN = 1.25


class Bound(nn.Module):
    """
    Makes 0 of what is above a bound, or no number.

    A faulty channel that is 0 does less than one that is as large as it can be: Hoang et al.,
    "FT-ClipAct" (DATE 2020). ``high``: of the layer (1), a weight like any other.
    """

    def __init__(self) -> None:
        """Bound nothing yet."""
        super().__init__()
        self.high = _values((1,), torch.inf)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape; ``x`` is at least 0."""
        # To look costs far less than to copy. On a GPU the host would wait for the answer.
        looks = torch.is_inference_mode_enabled() and x.device.type == 'cpu'
        if looks and bool(x.amax() <= self.high):  # of a NaN, that is the maximum
            return x
        return torch.where(x <= self.high, x, 0.0)

    def fit(self, found: Tensor) -> None:
        """Widen the bound, if need be, to what was ``found``, with the margin."""
        self.high.copy_(torch.maximum(self.high, MARGIN * found.amax()))

    def reset(self) -> None:
        """Bound everything: nothing was found yet."""
        self.high.zero_()


class Limits(nn.Module):
    """
    Makes the lower limit of its channel of what is outside both, or no number.

    Of a class logit that is "no object". ``low`` and ``high``: channels x 1 x 1.
    """

    def __init__(self, channels: int) -> None:
        """Limit nothing yet."""
        super().__init__()
        self.low = _values((channels, 1, 1), -torch.inf)
        self.high = _values((channels, 1, 1), torch.inf)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (N x channels x H x W)."""
        return torch.where((x >= self.low) & (x <= self.high), x, self.low)

    def fit(self, found: Tensor) -> None:
        """Widen the limits, if need be, to what was ``found``, with the margin."""
        self.low.copy_(torch.minimum(self.low, -MARGIN * _largest(-found)))
        self.high.copy_(torch.maximum(self.high, MARGIN * _largest(found)))

    def reset(self) -> None:
        """Limit everything to 0: nothing was found yet."""
        self.low.zero_()
        self.high.zero_()


def with_bounds(network: RoadNet) -> RoadNet:
    """Return a copy with bounds that hold nothing back; ``fit_bounds`` makes them true."""
    bounded = copy.deepcopy(network)
    for part in bounded.modules():
        if isinstance(part, ConvUnit) and isinstance(part.bound, nn.Identity):
            part.bound = Bound()
        elif isinstance(part, Head) and isinstance(part.bound, nn.Identity):
            part.bound = Limits(CLASS_COUNT + 4)
    return bounded


def has_bounds(network: RoadNet) -> bool:
    """Return whether ``network`` is one of ``with_bounds``."""
    return isinstance(network.head.bound, Limits)


def fit_bounds(network: RoadNet, pictures: Iterable[Tensor]) -> None:
    """Set every bound to what is seen on ``pictures`` (N x 3 x H x W), which have no faults."""
    bounds = [part for part in network.modules() if isinstance(part, Bound | Limits)]

    def look(part: nn.Module, inputs: tuple[Tensor, ...], _: Tensor) -> Tensor:
        assert isinstance(part, Bound | Limits)
        part.fit(inputs[0])
        return inputs[0]  # unbounded, whatever the bound is so far

    with torch.no_grad():
        for bound in bounds:
            bound.reset()
        hooks = [bound.register_forward_hook(look) for bound in bounds]
        try:
            for picture in pictures:
                network(picture)
        finally:
            for hook in hooks:
                hook.remove()


def _values(shape: tuple[int, ...], value: float) -> nn.Parameter:
    return nn.Parameter(torch.full(shape, value), requires_grad=False)


def _largest(found: Tensor) -> Tensor:
    return found.amax(dim=(0, 2, 3))[:, None, None]
