# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a program node by node, and differentiate it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.fx import Node

from restage.detector.errors import ModelError, first_line
from restage.torch_backend.line import Line, is_weight


def execute(line: Line, picture: torch.Tensor, held: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """
    Return everything that one run makes, by name.

    :param held: what to compute with, for what ``line`` holds.
    :raises ModelError: when it does not run.
    """
    values: dict[str, Any] = {line.picture: picture, **held}

    def value(node: Node) -> Any:
        return values[node.name]

    try:
        for node in line.nodes:
            arguments = torch.fx.map_arg(node.args, value)
            named = torch.fx.map_arg(node.kwargs, value)
            values[node.name] = node.target(*arguments, **named)  # type: ignore[operator]
    except Exception as error:  # whatever the operators raise
        raise ModelError(f'the program does not run: {first_line(error)}') from None
    return values


def gradients(line: Line, pictures: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
    """
    Return the gradient of the outputs, summed over them and ``pictures``, by each weight held.

    That by a buffer, as the statistics of a normalisation, is 0: PyTorch has none.

    :raises ModelError: when no output depends on a weight in a way that has one.
    """
    held = {node: tensor.detach().clone() for node, tensor in line.held.items()}
    total = {node: torch.zeros_like(one) for node, one in held.items() if is_weight(one)}
    parameters = [node for node in total if isinstance(line.held[node], torch.nn.Parameter)]
    weights = [held[node].requires_grad_() for node in parameters]
    for picture in pictures:
        with torch.enable_grad():
            made = execute(line, picture.clone(), held)
            result = sum(made[name].sum() for name in line.outputs)
            try:
                slopes = torch.autograd.grad(
                    result, weights, allow_unused=True, materialize_grads=True
                )
            except RuntimeError as error:
                raise ModelError(f'the program has no gradients: {first_line(error)}') from None
        for node, slope in zip(parameters, slopes, strict=True):
            total[node] += slope
    return total
