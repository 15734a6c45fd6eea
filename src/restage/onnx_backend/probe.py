# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run a whole graph once, and keep what it makes on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

from restage.detector.errors import ModelError, first_line
from restage.onnx_backend.graph import Line

Array = NDArray[np.generic]


def probe(line: Line, inputs: Mapping[str, Array], names: Collection[str]) -> dict[str, Array]:
    """
    Return the tensors ``names`` of one run on ``inputs``, and the inputs.

    :raises ModelError: when the graph does not run.
    """
    model = onnx.ModelProto()
    model.CopyFrom(line.model)
    known = {item.name for item in model.graph.output}
    wanted = [name for name in names if name not in inputs]
    model.graph.output.extend(
        helper.make_empty_tensor_value_info(name) for name in wanted if name not in known
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # As they are: a node that is merged into another makes no tensor to look at.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=['CPUExecutionProvider']
        )
        made = session.run(wanted, dict(inputs)) if wanted else []
    except Exception as error:  # its errors have no common base but this
        raise ModelError(f'the ONNX model does not run: {first_line(error)}') from None
    return {**inputs, **dict(zip(wanted, made, strict=True))}
