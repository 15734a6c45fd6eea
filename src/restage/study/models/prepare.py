# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Write the bundled detector in every format that a framework of the study loads."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from restage.detector.export import export
from restage.detector.weights import load_network
from restage.study.models.ncnn_file import write_ncnn
from restage.study.models.tflite_file import write_tflite

_TO_IR = (
    'import sys, openvino; '
    'openvino.save_model(openvino.Core().read_model(sys.argv[1]), sys.argv[2], '
    'compress_to_fp16=False)'
)


def write_models(folder: Path) -> None:
    """
    Write them into ``folder``; formats whose writer is not installed are left out.

    :raises OSError: when a file cannot be written.
    """
    network = load_network()
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    torch.save(state, folder / 'roadnet.pt')
    path, _ = export(folder / 'roadnet.onnx')
    model = onnx.load(path)
    # PyTorch's names and those of the exported file are the same.
    weights = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    np.savez(folder / 'weights.npz', **weights)  # type: ignore[arg-type]
    write_ncnn(model, folder / 'roadnet.ncnn.param', folder / 'roadnet.ncnn.bin')
    if find_spec('ai_edge_litert') is not None:
        write_tflite(model, folder / 'roadnet.tflite')
    if find_spec('openvino') is not None:
        # In a process of its own: the study itself imports no framework that it looks at.
        command = [sys.executable, '-c', _TO_IR, str(path), str(folder / 'roadnet.xml')]
        subprocess.run(command, capture_output=True, check=False)
