# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The frameworks of the study: each behind the same verbs, none imported until it is asked to."""

from __future__ import annotations

from restage.study.errors import StudyError
from restage.study.frameworks.framework import Framework
from restage.study.frameworks.litert import LiteRt
from restage.study.frameworks.ncnn import Ncnn
from restage.study.frameworks.onnxruntime import OnnxRuntime
from restage.study.frameworks.opencv import OpenCv
from restage.study.frameworks.openvino import OpenVino
from restage.study.frameworks.pytorch import PyTorch
from restage.study.frameworks.pytorch_cuda import PyTorchCuda
from restage.study.frameworks.tensorrt import TensorRt

FRAMEWORKS: dict[str, Framework] = {
    one.name: one
    for one in (
        PyTorch(),
        OnnxRuntime(),
        OpenCv(),
        OpenVino(),
        Ncnn(),
        LiteRt(),
        PyTorchCuda(),
        TensorRt(),
    )
}


def find_framework(name: str) -> Framework:
    """
    Return the framework called ``name``.

    :raises StudyError: when there is none.
    """
    try:
        return FRAMEWORKS[name]
    except KeyError:
        raise StudyError(f"framework '{name}'; accepted: {', '.join(FRAMEWORKS)}") from None
