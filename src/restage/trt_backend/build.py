# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From an ONNX model to a serialised engine.

Source: https://docs.nvidia.com/deeplearning/tensorrt, Python API, and its migration guides from 8.x
to 10.x and from 10.x to 11.x: batches are explicit since 10.0; the flags of precision went with
11.0, where the types of the graph decide.
"""

from __future__ import annotations

from typing import Any

import onnx

from restage.detector.errors import ModelError
from restage.trt_backend.api import version_of
from restage.trt_backend.options import EngineOptions


def build(trt: Any, model: onnx.ModelProto, options: EngineOptions) -> bytes:
    """
    Return the engine for ``model`` on this machine's GPU.

    :raises ModelError: when TensorRT does not take the model, or has no such device.
    """
    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, options.workspace_mb << 20)
    if options.fp16:
        model = _halved(trt, config, model)
    if options.dla_core is not None:
        _use_core(trt, builder, config, options.dla_core)
    flags = 0
    if version_of(trt) < (10, 0):
        flags = 1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH)
    network = builder.create_network(flags)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model.SerializeToString()):
        errors = '; '.join(str(parser.get_error(n)) for n in range(parser.num_errors))
        raise ModelError(f'TensorRT does not read the model: {errors}')
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise ModelError('TensorRT cannot build the model; its own messages say why')
    return bytes(engine)


def _halved(trt: Any, config: Any, model: onnx.ModelProto) -> onnx.ModelProto:
    """Allow half precision: by a flag, or in the graph where there is no such flag any more."""
    flag = getattr(trt.BuilderFlag, 'FP16', None)
    if flag is not None:
        config.set_flag(flag)
        return model
    from onnxruntime.transformers.float16 import convert_float_to_float16

    halved: onnx.ModelProto = convert_float_to_float16(model, keep_io_types=True)
    return halved


def _use_core(trt: Any, builder: Any, config: Any, core: int) -> None:
    cores = int(builder.num_DLA_cores)
    if core >= cores:
        accepted = f'0 to {cores - 1}' if cores else 'none, this machine or TensorRT has no DLA'
        raise ModelError(f'dla_core {core}; accepted: {accepted}')
    config.default_device_type = trt.DeviceType.DLA
    config.DLA_core = core
    config.set_flag(trt.BuilderFlag.GPU_FALLBACK)
