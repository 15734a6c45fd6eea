# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime with its CPU provider."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    INPUT_NAME,
    INPUT_SHAPE,
    OUTPUT_NAMES,
    Framework,
    Image,
    Outputs,
    Pending,
    Run,
    Session,
    SharedWeights,
)
from restage.study.memory import Memory, address_of, allocate, array_at
from restage.study.worker import Worker


class OnnxRuntime(Framework):
    """The exported file as it is, default optimisations."""

    name = 'onnxruntime'
    distribution = 'onnxruntime'
    file = 'roadnet.onnx'
    route = 'InferenceSession, CPUExecutionProvider, IOBinding over NumPy memory'

    def imports(self) -> None:
        """Import onnxruntime."""
        import onnxruntime  # noqa: F401

    def load(self, folder: Path, threads: int) -> Session:
        """Return a session for the file."""
        return OrtSession(_open(folder / self.file, _options(threads)), [])

    def load_shared(self, folder: Path, threads: int) -> SharedWeights:
        """Give every weight as an OrtValue over the application's heap: `add_initializer`."""
        import onnxruntime

        options, kept, blocks = _options(threads), [], []
        with np.load(folder / 'weights.npz') as weights:
            for name in weights.files:
                value = weights[name]
                block = Memory(allocate(value.nbytes), value.nbytes)
                array = array_at(block.address, value.shape)
                array[:] = value
                kept.append(onnxruntime.OrtValue.ortvalue_from_numpy(array))
                options.add_initializer(name, kept[-1])
                blocks.append(block)
        session = OrtSession(_open(folder / self.file, options), kept)
        return SharedWeights(session, tuple(blocks))


def _options(threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return options


def _open(path: Path, options: Any) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])


class OrtSession(Session):
    """An InferenceSession."""

    def __init__(self, session: Any, kept: list[Any]) -> None:
        """Use ``session``; ``kept`` lives as long."""
        self._session, self._kept = session, kept
        self._live: Any = None

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Call `run`."""
        return list(self._session.run(list(OUTPUT_NAMES), {INPUT_NAME: image}))

    def lend(self, image: NDArray[Any]) -> Run:
        """Bind the array's memory: `bind_cpu_input`."""
        binding = self._session.io_binding()
        binding.bind_cpu_input(INPUT_NAME, image)
        return lambda: self._bound(binding)

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Bind an OrtValue of ONNX Runtime's own allocator."""
        import onnxruntime

        value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(INPUT_SHAPE, np.float32, 'cpu')
        if image is not None:
            value.update_inplace(image)
        binding = self._session.io_binding()
        binding.bind_ortvalue_input(INPUT_NAME, value)
        memory = Memory(value.data_ptr(), value.tensor_size_in_bytes())
        return memory, lambda: self._bound(binding)

    def begin(self, image: Image) -> Pending:
        """Bind outputs to arrays of the application, and run in a thread."""
        binding = self._session.io_binding()
        binding.bind_cpu_input(INPUT_NAME, image)
        outputs: Outputs = []
        for one in self._session.get_outputs():
            space = np.zeros(one.shape, np.float32)
            binding.bind_output(one.name, 'cpu', 0, np.float32, one.shape, address_of(space))
            outputs.append(space)

        def run() -> Outputs:
            self._session.run_with_iobinding(binding)
            return outputs

        worker = Worker(run)
        return Pending(peek=lambda: [one.copy() for one in outputs], wait=worker.wait)

    def live_outputs(self, image: Image) -> Outputs:
        """Bind the outputs once for all runs, and look at their memory."""
        if self._live is None:
            self._live = self._session.io_binding()
            for name in OUTPUT_NAMES:
                self._live.bind_output(name, 'cpu')
        self._live.bind_cpu_input(INPUT_NAME, image)
        self._session.run_with_iobinding(self._live)
        return [
            array_at(value.data_ptr(), tuple(value.shape())) for value in self._live.get_outputs()
        ]

    def elsewhere(self, image: Image) -> Outputs:
        """Put the input on a GPU."""
        import onnxruntime

        value = onnxruntime.OrtValue.ortvalue_from_numpy(image, 'cuda', 0)
        binding = self._session.io_binding()
        binding.bind_ortvalue_input(INPUT_NAME, value)
        return self._bound(binding)

    def use_closed(self, image: Image) -> Outputs:
        """Read outputs of a binding when session and binding are gone."""
        views = self.live_outputs(image)
        self._session = self._live = None
        gc.collect()
        return [view.copy() for view in views]

    def _bound(self, binding: Any) -> Outputs:
        for name in OUTPUT_NAMES:
            binding.bind_output(name)
        self._session.run_with_iobinding(binding)
        return list(binding.copy_outputs_to_cpu())
