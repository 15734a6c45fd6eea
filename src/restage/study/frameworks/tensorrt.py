# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""TensorRT, by Restage's own backend. Never run: no machine of the project has a GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    INPUT_NAME,
    OUTPUT_NAMES,
    Framework,
    Image,
    NotInstalled,
    Outputs,
    Session,
)

_COPIES = 'the backend copies to and from the memory of the GPU'


class TensorRt(Framework):
    """An engine built from the exported file when it is loaded."""

    name = 'tensorrt'
    distribution = 'tensorrt'
    file = 'roadnet.onnx'
    gpu = True
    route = 'IExecutionContext.execute_async_v3 on a stream of its own'
    copies = 'weights are part of the engine, in the memory of the GPU'

    def imports(self) -> None:
        """Import TensorRT, and torch for the memory of the GPU."""
        import torch

        from restage.detector.errors import ModelError
        from restage.trt_backend.api import load_tensorrt

        try:
            load_tensorrt()
        except ModelError as error:
            raise NotInstalled(str(error)) from None
        if not torch.cuda.is_available():
            raise NotInstalled('PyTorch finds no CUDA device')

    def load(self, folder: Path, threads: int) -> Session:  # noqa: ARG002 - all on the GPU
        """Build the engine."""
        import onnx
        import torch

        from restage.trt_backend.api import load_tensorrt
        from restage.trt_backend.build import build
        from restage.trt_backend.options import EngineOptions
        from restage.trt_backend.part import TrtPart

        trt = load_tensorrt()
        engine = build(trt, onnx.load(folder / self.file), EngineOptions(fp16=False))
        device = torch.device('cuda:0')
        return TensorRtSession(TrtPart(trt, engine, (INPUT_NAME,), OUTPUT_NAMES, device))


class TensorRtSession(Session):
    """An engine and its context."""

    refusals: ClassVar[dict[str, str]] = {
        'lend': _COPIES,
        'own_input': _COPIES,
        'begin': 'the backend waits for its stream',
        'elsewhere': _COPIES,
        'use_closed': 'the backend has no close',
    }

    def __init__(self, part: Any) -> None:
        """Use a ``restage.trt_backend.part.TrtPart``."""
        self._part = part

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Run the engine."""
        import torch

        return [one.numpy() for one in self._part.run({INPUT_NAME: torch.from_numpy(image)})]

    def live_outputs(self, image: Image) -> Outputs:
        """Return what the backend made: memory of its own for every run."""
        return self.infer(image)
