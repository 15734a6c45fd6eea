# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A piece of a graph in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from restage.cutting.network import Part
from restage.detector.errors import ModelError, first_line
from restage.onnx_backend.extract import Piece
from restage.onnx_backend.providers import ON_CPU, Provider


class PieceSession(Part):
    """
    Runs a piece, from the first call on.

    ``live``: compute with the very memory of ``weights``, so that they can be checked, and reloaded
    in place, as those of PyTorch can. ONNX Runtime may then not lay them out anew, which makes some
    networks half as fast; without it, it has copies of its own. So do those ``providers``
    always that are not of the CPU: tensors come from the host and go back there.
    """

    def __init__(
        self,
        piece: Piece,
        weights: Mapping[str, torch.Tensor],
        *,
        live: bool,
        providers: Sequence[Provider] = ON_CPU,
    ) -> None:
        """Use those of ``weights`` that the piece reads."""
        self._piece = piece
        self.inputs, self.outputs = piece.inputs, piece.outputs
        self._weights = {name: weights[name] for name in piece.weights if name in weights}
        self.weights = tuple(self._weights)
        self._live = live
        self._providers = tuple(providers)
        self._session: Any = None
        self._kept: list[Any] = []

    def forget(self) -> None:
        """Begin anew with the next call: the weights lie elsewhere."""
        self._session, self._kept = None, []

    def run(self, inputs: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """
        Return the outputs of the piece.

        :raises ModelError: when ONNX Runtime does not take the piece, or a provider does not start.
        """
        if self._session is None:
            self._session = self._open()
        values = {name: inputs[name].contiguous().numpy() for name in self.inputs}
        return tuple(torch.from_numpy(made) for made in self._session.run(None, values))

    def _open(self) -> Any:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A retry must make the bits of the first run.
        options.use_deterministic_compute = self._providers != ON_CPU
        if self._live:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
            options.add_session_config_entry('session.disable_prepacking', '1')
            for name, weight in self._weights.items():
                value = onnxruntime.OrtValue.ortvalue_from_numpy(_array(weight))
                options.add_initializer(name, value)
                self._kept.append(value)
        try:
            session = onnxruntime.InferenceSession(
                self._piece.model.SerializeToString(), options, providers=list(self._providers)
            )
        except Exception as error:  # its errors have no common base but this
            raise ModelError(
                f'ONNX Runtime does not take this model: {first_line(error)}'
            ) from None
        # Without a word it would go on with the CPU, here and after an error of the GPU.
        session.disable_fallback()
        started = session.get_providers()
        for name, _ in self._providers:
            if name not in started:
                raise ModelError(
                    f'{name} does not start, as its libraries or its GPU are missing; '
                    f'ONNX Runtime has started {", ".join(started)}'
                )
        return session


def _array(weight: torch.Tensor) -> NDArray[np.generic]:
    array: NDArray[np.generic] = weight.detach().numpy()
    return array
