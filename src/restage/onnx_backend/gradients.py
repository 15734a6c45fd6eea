# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Gradients of an ONNX graph, by way of PyTorch: ONNX Runtime has none."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import onnx
import torch
from onnx import numpy_helper

from restage.cutting.network import Tensors
from restage.detector.errors import ModelError, first_line

CONVERTER = 'onnx2fx'
# How far the converted graph may be from ONNX Runtime, as a share of the largest output.
TOLERANCE = 1e-3


class Differentiable:
    """
    ``model`` as a module of PyTorch that computes with copies of ``weights``.

    ``total``: by the name of each weight, the gradient of all outputs, summed over what was added.
    """

    def __init__(self, model: onnx.ModelProto, weights: Tensors) -> None:
        """
        Convert it.

        :raises ModelError: when the converter is not installed, or cannot do it.
        """
        self._module = _converted(model)
        called = _buffers(self._module, model)
        self._held = {
            name: weight.detach().clone().requires_grad_() for name, weight in weights.items()
        }
        for name, tensor in self._held.items():
            self._module.register_buffer(called[name], tensor)
        self.total = {name: torch.zeros_like(one) for name, one in self._held.items()}

    def add(self, picture: torch.Tensor, outputs: Sequence[torch.Tensor]) -> None:
        """
        Add the gradients for one picture.

        :param outputs: what ONNX Runtime makes of it.
        :raises ModelError: when the converted graph makes anything else.
        """
        try:
            with torch.enable_grad():
                made = self._module(picture.clone())
                made = made if isinstance(made, tuple) else (made,)
                self._compare(made, outputs)
                total = sum(tensor.sum() for tensor in made if tensor.is_floating_point())
                assert isinstance(total, torch.Tensor)
                slopes = torch.autograd.grad(
                    total, tuple(self._held.values()), allow_unused=True, materialize_grads=True
                )
        except RuntimeError as error:
            raise ModelError(
                f'converted to PyTorch, it does not run: {first_line(error)}'
            ) from None
        for name, slope in zip(self._held, slopes, strict=True):
            self.total[name] += slope

    def _compare(self, made: Sequence[torch.Tensor], wanted: Sequence[torch.Tensor]) -> None:
        for one, other in zip(made, wanted, strict=True):
            if one.shape != other.shape:
                raise ModelError(
                    f'converted to PyTorch, it makes {tuple(one.shape)}, not {tuple(other.shape)}'
                )
            far = float((one.detach() - other).abs().max() / other.abs().max().clamp(min=1e-6))
            if not far <= TOLERANCE:
                raise ModelError(
                    f'converted to PyTorch, its outputs differ by {far:.1g} of the largest'
                )


def _converted(model: onnx.ModelProto) -> torch.nn.Module:
    try:
        converter = importlib.import_module(CONVERTER)
    except ImportError:
        raise ModelError(
            f'gradients of an ONNX file need the package {CONVERTER}, which is not installed '
            '(pip install restage[gradients])'
        ) from None
    try:
        module: torch.nn.Module = converter.convert(model)
    except Exception as error:  # of operators that it does not know, and whatever these raise
        raise ModelError(f'{CONVERTER} cannot convert it: {first_line(error)}') from None
    return module.eval()


def _buffers(module: torch.nn.Module, model: onnx.ModelProto) -> dict[str, str]:
    """
    Return what the initializers of the graph are called in ``module``.

    :raises ModelError: when its first buffers are not those, in their order.
    """
    buffers = dict(module.named_buffers())
    if len(buffers) < len(model.graph.initializer):
        raise ModelError(f'{CONVERTER} has not kept every weight')
    found = {}
    for item, (name, buffer) in zip(model.graph.initializer, buffers.items(), strict=False):
        if not torch.equal(buffer, torch.from_numpy(numpy_helper.to_array(item).copy())):
            raise ModelError(f"{CONVERTER} has not kept the weight '{item.name}'")
        found[item.name] = name
    return found
