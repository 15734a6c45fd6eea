# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX graph that TensorRT runs, an engine for each stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from restage.cutting.network import Cut, Part
from restage.detector.errors import ModelError
from restage.onnx_backend.extract import Piece, cut
from restage.onnx_backend.graph import Line
from restage.onnx_backend.network import OnnxNetwork
from restage.trt_backend.api import load_tensorrt
from restage.trt_backend.build import build
from restage.trt_backend.cache import EngineKey, engine_for
from restage.trt_backend.options import EngineOptions
from restage.trt_backend.part import TrtPart


class TrtNetwork(OnnxNetwork):
    """``line``, cut as ONNX Runtime would be; weights are in the engines."""

    def __init__(
        self, line: Line, picture: torch.Tensor, options: EngineOptions, device: str = 'cuda:0'
    ) -> None:
        """
        Find out where it can be cut.

        :raises ModelError: when TensorRT or a GPU is missing, or the graph cannot be used.
        """
        self._trt = load_tensorrt()
        if not torch.cuda.is_available():
            raise ModelError('TensorRT needs a GPU, and PyTorch with CUDA; accepted: both')
        self._options, self._device = options, device
        super().__init__(line, picture, live=False)

    def parts(self, cuts: Sequence[Cut]) -> list[Part]:
        """Return an engine for what lies between any two of ``cuts``."""
        positions = [one.position for one in cuts]
        # Of open sizes TensorRT would have to be told the smallest and the largest.
        pieces = cut(self.line, positions, self._values, fixed=True)
        return [self._part(piece) for piece in pieces]

    def _part(self, piece: Piece) -> Part:
        key = EngineKey(
            piece.model.SerializeToString(deterministic=True),
            str(self._trt.__version__),
            _gpu(self._device),
            self._options,
        )
        engine = engine_for(key, lambda: build(self._trt, piece.model, self._options))
        return TrtPart(self._trt, engine, piece.inputs, piece.outputs, self._device)


def _gpu(device: str) -> str:
    found: Any = torch.cuda.get_device_properties(device)
    return f'{found.name} {found.major}.{found.minor}'
