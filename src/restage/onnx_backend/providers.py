# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Which of ONNX Runtime's execution providers compute, and how.

Source: https://onnxruntime.ai/docs/execution-providers, pages CUDA and TensorRT.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import onnxruntime
import torch

from restage.detector.errors import ModelError
from restage.trt_backend.options import EngineOptions

Provider = tuple[str, dict[str, Any]]

CPU_PROVIDER = 'CPUExecutionProvider'
CUDA_PROVIDER = 'CUDAExecutionProvider'
TENSORRT_PROVIDER = 'TensorrtExecutionProvider'
ON_CPU: tuple[Provider, ...] = ((CPU_PROVIDER, {}),)


def providers_for(
    wanted: Sequence[str], device: torch.device, engine: EngineOptions
) -> tuple[Provider, ...]:
    """
    Return the providers to ask for, best first; the CPU does what none of them can.

    :param wanted: their names; none: CUDA on a GPU, else the CPU.
    :param engine: of engines that TensorRT's provider builds.
    :raises ModelError: for one that is not in this build of ONNX Runtime, or does not fit
        ``device``; says which are there.
    """
    gpu = device.type == 'cuda'
    names = tuple(wanted) or ((CUDA_PROVIDER,) if gpu else (CPU_PROVIDER,))
    there = onnxruntime.get_available_providers()
    for name in names:
        if name not in there:
            raise ModelError(
                f'ONNX Runtime {onnxruntime.__version__} has no {name}; accepted: '
                f'{", ".join(there)} (CUDA and TensorRT are in onnxruntime-gpu)'
            )
        if name in (CUDA_PROVIDER, TENSORRT_PROVIDER) and not gpu:
            raise ModelError(f"{name} on device '{device}'; accepted: device cuda or cuda:N")
    made = [(name, _options(name, device, engine)) for name in names]
    return (*made, *ON_CPU) if CPU_PROVIDER not in names else tuple(made)


def _options(name: str, device: torch.device, engine: EngineOptions) -> dict[str, Any]:
    if name == CUDA_PROVIDER:
        # By default each process times the kernels anew and may take others: a standby, or a
        # retry after a reload, would make other bits.
        return {'device_id': device.index, 'cudnn_conv_algo_search': 'HEURISTIC'}
    if name == TENSORRT_PROVIDER:
        options: dict[str, Any] = {
            'device_id': device.index,
            'trt_fp16_enable': engine.fp16,
            'trt_max_workspace_size': engine.workspace_mb << 20,
            'trt_engine_cache_enable': True,
            'trt_engine_cache_path': str(engine.cache.expanduser()),
        }
        if engine.dla_core is not None:
            options |= {'trt_dla_enable': True, 'trt_dla_core': engine.dla_core}
        return options
    return {}
