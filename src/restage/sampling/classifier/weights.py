# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The trained classifiers: safetensors beside the code; this module makes them again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from restage.detector.errors import ModelError
from restage.detector.folding import fold
from restage.sampling.classifier.digits import load_digits
from restage.sampling.classifier.networks import VGG, ResNet
from restage.sampling.classifier.training import accuracy, train

FOLDER = Path(__file__).parent / 'weights'
NETWORKS: dict[str, Callable[[], ResNet | VGG]] = {'resnet': ResNet, 'vgg': VGG}
SEED = 1


def load_classifier(name: str, path: Path | None = None) -> ResNet | VGG:
    """
    Return ``resnet`` or ``vgg`` for inference, with folded normalisation.

    :param path: other weights than the bundled ones.
    :raises ModelError: when there is no such file, or it holds something else than such a network.
    """
    network = fold(NETWORKS[name]())
    path = path or FOLDER / f'{name}.safetensors'
    try:
        network.load_state_dict(load_file(str(path)))
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelError(
            f"weights file '{path}': {error}; accepted: those of a {name} as safetensors"
        ) from None
    network.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval()


def main() -> None:
    """Train both and write them: ``python -m restage.sampling.classifier.weights``."""
    training, held_out = load_digits(held_out=False), load_digits(held_out=True)
    for name, make in NETWORKS.items():
        network = train(make, training, SEED)
        save_file(
            {key: value.contiguous() for key, value in network.state_dict().items()},
            str(FOLDER / f'{name}.safetensors'),
            metadata={'model': name, 'license': 'Apache-2.0'},
        )
        right = accuracy(network, held_out)
        sys.stdout.write(f'{name}: {right:.3f} of {len(held_out.labels)} held-out digits\n')


if __name__ == '__main__':
    main()
