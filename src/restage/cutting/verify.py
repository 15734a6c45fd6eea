# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the parts of a network, run one after another, make what the whole makes."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from restage.cutting.network import Cut, Network, Tensors


def run_parts(network: Network, cuts: Sequence[Cut], picture: torch.Tensor) -> Tensors:
    """Return what the parts between ``cuts`` make of ``picture``: the outputs of the network."""
    state = {network.picture: picture}
    for part in network.parts(cuts):
        state.update(zip(part.outputs, part.run(state), strict=True))
    return {name: state[name] for name in network.outputs}


def differing(network: Network, cuts: Sequence[Cut], picture: torch.Tensor) -> list[str]:
    """Return the outputs in which a single bit differs from those of the whole network."""
    whole = run_parts(network, (), picture)
    parts = run_parts(network, cuts, picture)
    return [name for name, tensor in whole.items() if not same_bits(tensor, parts[name])]


def same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether two tensors hold the same bits; NaN equals itself."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    pair = [tensor.contiguous().reshape(-1).view(torch.uint8) for tensor in (one, other)]
    return torch.equal(*pair)
