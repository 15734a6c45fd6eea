# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX graph as a network that can be cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
import xxhash
from numpy.typing import NDArray
from onnx import numpy_helper

from restage.cutting.network import Cut, Network, Part
from restage.detector.errors import ModelError
from restage.onnx_backend.arithmetic import operations, shapes_of
from restage.onnx_backend.cuts import borders
from restage.onnx_backend.extract import cut
from restage.onnx_backend.graph import Line
from restage.onnx_backend.probe import probe
from restage.onnx_backend.providers import ON_CPU, Provider
from restage.onnx_backend.session import PieceSession

# float32, float16, float64: of what ONNX Runtime and NumPy share memory of.
FLOATS = (1, 10, 11)


class OnnxNetwork(Network):
    """``line``, run by ONNX Runtime; ``live``: with weights in memory of ours, on the CPU."""

    def __init__(
        self,
        line: Line,
        picture: torch.Tensor,
        *,
        live: bool = True,
        providers: Sequence[Provider] = ON_CPU,
    ) -> None:
        """
        Run it once on ``picture`` and find out where it can be cut.

        :raises ModelError: when the graph does not run, or has other inputs than one picture.
        """
        if len(line.inputs) != 1:
            raise ModelError(
                f'the ONNX model has the inputs {", ".join(line.inputs)}; accepted: one picture'
            )
        self.line = line
        (self.picture,) = line.inputs
        self.outputs = line.outputs
        self._live, self._providers = live and providers == ON_CPU, providers
        made = sorted({name for node in line.nodes for name in node.output if name})
        values = probe(line, {self.picture: picture.numpy()}, made)
        arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        self.cuts = tuple(
            Cut(position, here, sum(arrays[name].nbytes for name in here))
            for position, here in borders(line).items()
            if set(here) <= set(arrays)
        )
        self._shapes = shapes_of(arrays, line.model)
        # Of all else, which may be large, the shape is enough.
        kept = {self.picture, *self.outputs, *(name for one in self.cuts for name in one.tensors)}
        self._values: Mapping[str, NDArray[np.generic]] = {name: arrays[name] for name in kept}
        self.sample = {name: torch.from_numpy(value) for name, value in self._values.items()}
        self.weights = self._initializers if self._live else {}

    @cached_property
    def _initializers(self) -> dict[str, torch.Tensor]:
        return {
            item.name: torch.from_numpy(numpy_helper.to_array(item).copy())
            for item in self.line.model.graph.initializer
            if item.data_type in FLOATS and item.dims and all(item.dims)
        }

    def operations(self) -> list[float]:
        """Return about how many operations each node takes."""
        return [operations(node, self._shapes) for node in self.line.nodes]

    def layers(self) -> dict[str, str]:
        """Return, for each weight, the name of the node that reads it first, or of its output."""
        found: dict[str, str] = {}
        for node in self.line.nodes:
            for name in node.input:
                if name in self.weights:
                    found.setdefault(name, node.name or node.output[0])
        return {name: found.get(name, name) for name in self.weights}

    def gradients(self, pictures: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
        """
        Return the gradient of the outputs, summed over them and ``pictures``, by each weight.

        By PyTorch, to which the graph is converted; what that computes is compared.

        :raises ModelError: when it cannot be converted, or the outputs differ.
        """
        from restage.onnx_backend.gradients import Differentiable

        converted = Differentiable(self.line.model, self.weights)
        (whole,) = self.parts(())
        for picture in pictures:
            converted.add(picture, whole.run({self.picture: picture}))
        return converted.total

    def parts(self, cuts: Sequence[Cut]) -> list[Part]:
        """Return what lies between ``cuts``; without any, the whole."""
        pieces = cut(self.line, [one.position for one in cuts], self._values)
        return [
            PieceSession(piece, self.weights, live=self._live, providers=self._providers)
            for piece in pieces
        ]

    def fingerprint(self) -> str:
        """Return what tells it from others, its weights among that."""
        data = self.line.model.SerializeToString(deterministic=True)
        return xxhash.xxh3_64_hexdigest(data)
