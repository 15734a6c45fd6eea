# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How much a node has to do, as far as shapes tell: the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray

from restage.cutting.network import LEAST


def operations(node: onnx.NodeProto, shapes: Mapping[str, tuple[int, ...]]) -> float:
    """Return about how many operations ``node`` takes, one for each value it makes at least."""
    made = sum(float(np.prod(shapes.get(name, (1,)))) for name in node.output if name)
    if node.op_type in ('Conv', 'ConvTranspose'):
        weight = shapes.get(node.input[1], (1,))
        each = float(np.prod(weight[1:]))
        if node.op_type == 'ConvTranspose':
            made = float(np.prod(shapes.get(node.input[0], (1,))))
        return LEAST + made * each
    if node.op_type in ('MatMul', 'Gemm'):
        left = shapes.get(node.input[0], (1,))
        return LEAST + made * float(left[-1] if left else 1)
    return LEAST + made


def shapes_of(
    values: Mapping[str, NDArray[np.generic]], model: onnx.ModelProto
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of tensors and weights by name."""
    found = {name: value.shape for name, value in values.items()}
    found.update((item.name, tuple(item.dims)) for item in model.graph.initializer)
    return found
