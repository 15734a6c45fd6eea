# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""LiteRT, which was TensorFlow Lite, on the CPU."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    Framework,
    Image,
    Outputs,
    Pending,
    Run,
    Session,
    SharedWeights,
)
from restage.study.memory import Memory, address_of
from restage.study.worker import Worker


class LiteRt(Framework):
    """A flatbuffer written from the exported file; the default kernels (XNNPACK)."""

    name = 'litert'
    distribution = 'ai-edge-litert'
    file = 'roadnet.tflite'
    route = 'Interpreter, XNNPACK, tensor() views'

    def imports(self) -> None:
        """Import the interpreter."""
        from ai_edge_litert import interpreter  # noqa: F401

    def load(self, folder: Path, threads: int) -> Session:
        """Return a session for the file, which LiteRT maps into memory."""
        from ai_edge_litert.interpreter import Interpreter

        path = str(folder / self.file)
        return LiteRtSession(Interpreter(model_path=path, num_threads=threads))

    def load_shared(self, folder: Path, threads: int) -> SharedWeights:
        """Give the model as bytes, which LiteRT reads in place."""
        from ai_edge_litert.interpreter import Interpreter

        content = (folder / self.file).read_bytes()
        session = LiteRtSession(Interpreter(model_content=content, num_threads=threads))
        block = Memory(id(content) + bytes.__basicsize__ - 1, len(content))
        return SharedWeights(session, (block,), held='the interpreter refers to the bytes object')


class LiteRtSession(Session):
    """An Interpreter."""

    refusals: ClassVar[dict[str, str]] = {
        'lend': 'set_tensor copies; the Python API has no custom allocations',
    }

    def __init__(self, interpreter: Any) -> None:
        """Allocate the tensors of ``interpreter``."""
        interpreter.allocate_tensors()
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]['index']
        self._outputs = [one['index'] for one in interpreter.get_output_details()]

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Call `set_tensor`, `invoke`, `get_tensor`."""
        self._interpreter.set_tensor(self._input, image)
        return self._invoke()

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Use the interpreter's own tensor: `tensor()`."""
        view = self._interpreter.tensor(self._input)()
        if image is not None:
            view[:] = image
        return Memory(address_of(view), view.nbytes), self._invoke

    def begin(self, image: Image) -> Pending:
        """Invoke in a thread; the outputs' memory is in reach."""
        self._interpreter.set_tensor(self._input, image)
        worker = Worker(self._invoke)

        def peek() -> Outputs:
            return [self._interpreter.tensor(index)().copy() for index in self._outputs]

        return Pending(peek=peek, wait=worker.wait)

    def live_outputs(self, image: Image) -> Outputs:
        """Return views: `tensor()`."""
        self._interpreter.set_tensor(self._input, image)
        self._interpreter.invoke()
        return [self._interpreter.tensor(index)() for index in self._outputs]

    def elsewhere(self, image: Image) -> Outputs:
        """Load the delegate for a GPU."""
        from ai_edge_litert.interpreter import load_delegate

        load_delegate('libtensorflowlite_gpu_delegate.so')
        return self.infer(image)

    def use_closed(self, image: Image) -> Outputs:
        """Read a view when the interpreter is deleted."""
        views = self.live_outputs(image)
        self._interpreter = None
        gc.collect()
        return [view.copy() for view in views]

    def _invoke(self) -> Outputs:
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]
