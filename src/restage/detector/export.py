# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The bundled network as an ONNX file, for whatever runs those."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
import yaml

from restage.detector.decode import OVERLAP_THRESHOLD, SCORE_THRESHOLD
from restage.detector.errors import ModelError
from restage.detector.network import INPUT_SIZE
from restage.detector.weights import load_network
from restage.scene.types import CLASSES

OUTPUTS = ('h3', 'h4', 'h5')
OPSET = 17


def export(path: Path, weights: Path | None = None) -> tuple[Path, Path]:
    """
    Write the bundled network, or the same with other ``weights``, and its description.

    :returns: the ONNX file ``path`` and the YAML file beside it.
    :raises ModelError: when the weights cannot be used, or ``path`` is no ONNX file's.
    :raises OSError: when it cannot be written.
    """
    if path.suffix != '.onnx':
        raise ModelError(f"'{path}'; accepted: a name that ends in .onnx")
    network = load_network(weights)
    width, height = INPUT_SIZE
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # that this exporter is the old one; it needs no more
        torch.onnx.export(
            network.to(memory_format=torch.contiguous_format),  # type: ignore[call-overload]
            (torch.zeros(1, 3, height, width),),
            str(path),
            input_names=['x'],
            output_names=list(OUTPUTS),
            opset_version=OPSET,
            dynamo=False,
        )
    described = path.with_suffix('.yaml')
    data = {
        'schema': 1,
        'name': path.stem,
        'file': path.name,
        'input': {'size': [width, height], 'colour': 'bgr', 'fit': 'corner'},
        'decoder': {
            'kind': 'roadnet',
            'score': SCORE_THRESHOLD,
            'overlap': OVERLAP_THRESHOLD,
        },
        'classes': list(CLASSES),
    }
    described.write_text(yaml.safe_dump(data, sort_keys=False), encoding='utf-8')
    return path, described
