# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Weights files: safetensors only, every name and shape checked."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from restage.detector.bounds import with_bounds
from restage.detector.errors import ModelError
from restage.detector.folding import fold, folded_network
from restage.detector.network import RoadNet
from restage.shipped import BUNDLED

ACCEPTED = 'accepted: a RoadNet safetensors file as written by `restage train` or `restage harden`'


def save_weights(network: RoadNet, path: Path) -> None:
    """Write ``network`` with folded normalisation as safetensors to ``path``."""
    state = {name: value.contiguous() for name, value in fold(network).state_dict().items()}
    save_file(state, str(path), metadata={'model': 'roadnet', 'license': 'Apache-2.0'})


def load_network(path: Path | None = None) -> RoadNet:
    """
    Return the folded network for inference with weights from ``path`` (None: bundled).

    It has bounds inside when the file has them.

    :raises ModelError: when the file is missing, is no safetensors file, or holds other
        names, shapes or types than RoadNet's.
    """
    path = path or BUNDLED
    if not path.is_file():
        raise ModelError(f"weights file '{path}' does not exist; {ACCEPTED}")
    try:
        found = load_file(str(path))
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"weights file '{path}' is not safetensors ({error}); {ACCEPTED}"
        ) from None
    network = folded_network()
    if any('.bound.' in name for name in found):
        network = with_bounds(network)
    wanted = network.state_dict()
    if set(found) != set(wanted):
        odd = sorted(set(found) ^ set(wanted))
        raise ModelError(
            f"weights file '{path}' does not fit: {len(odd)} names missing or unknown, "
            f"first '{odd[0]}'; {ACCEPTED}"
        )
    for name, value in wanted.items():
        if found[name].shape != value.shape or found[name].dtype != value.dtype:
            raise ModelError(
                f"weights file '{path}' does not fit: '{name}' is {found[name].dtype} "
                f'{tuple(found[name].shape)}, expected {value.dtype} {tuple(value.shape)}; '
                f'{ACCEPTED}'
            )
    network.load_state_dict(found)
    network.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval()
