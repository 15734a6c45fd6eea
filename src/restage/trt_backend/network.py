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
from restage.trt_backend.cache import EngineKey, engine_for, forget
from restage.trt_backend.options import EngineOptions
from restage.trt_backend.part import EngineError, TrtPart


class TrtNetwork(OnnxNetwork):
    """``line``, cut as ONNX Runtime would be; weights are in the engines."""

    def __init__(
        self, line: Line, picture: torch.Tensor, options: EngineOptions, device: torch.device
    ) -> None:
        """
        Find out where it can be cut.

        :raises ModelError: when TensorRT is missing, ``device`` is no GPU, or the graph cannot be
            used.
        """
        self._trt = load_tensorrt()
        if device.type != 'cuda':
            raise ModelError(f"runtime: tensorrt on device '{device}'; accepted: cuda or cuda:N")
        self._options, self._there = options, device
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
            _gpu(self._there),
            self._options,
        )

        def made() -> bytes:
            with torch.cuda.device(self._there):
                return build(self._trt, piece.model, self._options)

        def taken(engine: bytes) -> TrtPart:
            core = self._options.dla_core
            return TrtPart(self._trt, engine, piece.inputs, piece.outputs, self._there, core)

        try:
            return taken(engine_for(key, made))
        except EngineError:
            # A file that was cut short by a power failure, say.
            forget(key)
            return taken(engine_for(key, made))


def _gpu(device: torch.device) -> str:
    found: Any = torch.cuda.get_device_properties(device)
    return f'{found.name} {found.major}.{found.minor}'
