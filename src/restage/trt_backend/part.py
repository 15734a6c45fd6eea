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


class EngineError(ModelError):
    """A serialised engine cannot be used: another TensorRT or GPU made it, or it is damaged."""


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
        device: torch.device,
        dla_core: int | None = None,
    ) -> None:
        """
        Deserialise the engine; ``dla_core``: for which it was built, if it was for one.

        :raises EngineError: when TensorRT does not take it.
        :raises ModelError: when the size of an output is not known before it is computed.
        """
        self.inputs, self.outputs, self.weights = inputs, outputs, ()
        self._device = device
        # Of the current device: engine, context and the streams it makes.
        with torch.cuda.device(device):
            self._runtime = trt.Runtime(trt.Logger(trt.Logger.WARNING))
            if dla_core is not None:
                self._runtime.DLA_core = dla_core
            self._engine = self._runtime.deserialize_cuda_engine(engine)
            if self._engine is None:
                raise EngineError('TensorRT does not take the engine; its own messages say why')
            self._context = self._engine.create_execution_context()
            if self._context is None:
                raise ModelError('the GPU has no memory for the engine')
            self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._spaces = {name: self._space(name) for name in outputs}
        # TensorRT 8 has no whole numbers of 64 bits, and none has floats of that size.
        self._kinds = {name: self._dtype(name) for name in inputs}

    def run(self, inputs: Tensors) -> tuple[torch.Tensor, ...]:
        """
        Return the outputs, on the host.

        :raises RuntimeError: when TensorRT or CUDA report an error.
        """
        with torch.cuda.stream(self._stream):
            kept = []
            for name in self.inputs:
                value = inputs[name].to(self._kinds[name]).contiguous()
                there = value.to(self._device, non_blocking=True)
                kept.append(there)
                self._must(self._context.set_input_shape(name, tuple(there.shape)), name)
                self._must(self._context.set_tensor_address(name, there.data_ptr()), name)
            made = []
            for name, (shape, kind) in self._spaces.items():
                space = torch.empty(shape, dtype=kind, device=self._device)
                self._must(self._context.set_tensor_address(name, space.data_ptr()), name)
                made.append(space)
            if not self._context.execute_async_v3(self._stream.cuda_stream):
                # Raises, if that is because the context is lost.
                self._stream.synchronize()
                raise RuntimeError('TensorRT could not run the engine')
            back = [torch.empty(one.shape, dtype=one.dtype, pin_memory=True) for one in made]
            for here, there in zip(back, made, strict=True):
                here.copy_(there, non_blocking=True)
        self._stream.synchronize()
        return tuple(back)

    def _must(self, taken: bool, name: str) -> None:
        if not taken:
            raise RuntimeError(f"TensorRT does not take tensor '{name}' as it is")

    def _space(self, name: str) -> tuple[tuple[int, ...], torch.dtype]:
        shape = tuple(self._engine.get_tensor_shape(name))
        if any(size < 0 for size in shape):
            raise ModelError(
                f"the size of '{name}' depends on values ({shape}); accepted by TensorRT here: "
                'outputs of fixed size, with non-maximum suppression left to the decoder'
            )
        return shape, self._dtype(name)

    def _dtype(self, name: str) -> torch.dtype:
        kind = str(self._engine.get_tensor_dtype(name)).rpartition('.')[2]
        if kind not in DTYPES:
            raise ModelError(f"tensor '{name}' is {kind}; accepted: {', '.join(DTYPES)}")
        return DTYPES[kind]
