# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""An engine as a part of a network."""

from __future__ import annotations

from typing import Any

import torch

from restage.cutting.network import Part, Tensors
from restage.detector.errors import ModelError

# As TensorRT calls them.
DTYPES = {
    'FLOAT': torch.float32,
    'HALF': torch.float16,
    'BF16': torch.bfloat16,
    'INT8': torch.int8,
    'INT32': torch.int32,
    'INT64': torch.int64,
    'BOOL': torch.bool,
    'UINT8': torch.uint8,
}


class TrtPart(Part):
    """
    Runs a serialised engine on ``device``; tensors come from, and go to, memory of the host.

    Those are pinned, and copied on the stream that computes: what ``run`` returns is complete, and
    a checkpoint can take it.
    """

    def __init__(
        self,
        trt: Any,
        engine: bytes,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        device: str,
    ) -> None:
        """
        Deserialise the engine.

        :raises ModelError: when TensorRT does not take it.
        """
        self.inputs, self.outputs, self.weights = inputs, outputs, ()
        self._runtime = trt.Runtime(trt.Logger(trt.Logger.WARNING))
        self._engine = self._runtime.deserialize_cuda_engine(engine)
        if self._engine is None:
            raise ModelError('TensorRT does not take the engine; delete the file to build it anew')
        self._context = self._engine.create_execution_context()
        self._device = torch.device(device)
        self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]

    def run(self, inputs: Tensors) -> tuple[torch.Tensor, ...]:
        """
        Return the outputs, on the host.

        :raises RuntimeError: when TensorRT or CUDA report an error.
        """
        with torch.cuda.stream(self._stream):
            kept = []
            for name in self.inputs:
                there = inputs[name].contiguous().to(self._device, non_blocking=True)
                kept.append(there)
                self._context.set_input_shape(name, tuple(there.shape))
                self._context.set_tensor_address(name, there.data_ptr())
            made = []
            for name in self.outputs:
                shape = tuple(self._context.get_tensor_shape(name))
                space = torch.empty(shape, dtype=self._dtype(name), device=self._device)
                self._context.set_tensor_address(name, space.data_ptr())
                made.append(space)
            if not self._context.execute_async_v3(self._stream.cuda_stream):
                raise RuntimeError('TensorRT could not run the engine')
            back = [torch.empty(one.shape, dtype=one.dtype, pin_memory=True) for one in made]
            for here, there in zip(back, made, strict=True):
                here.copy_(there, non_blocking=True)
        self._stream.synchronize()
        return tuple(back)

    def _dtype(self, name: str) -> torch.dtype:
        kind = str(self._engine.get_tensor_dtype(name)).rpartition('.')[2]
        return DTYPES[kind]
