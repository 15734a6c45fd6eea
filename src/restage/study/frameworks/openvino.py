# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""OpenVINO on the CPU."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
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
from restage.study.memory import Memory, address_of, allocate, array_at


class OpenVino(Framework):
    """OpenVINO's own format, converted from the exported file; float32, as the others."""

    name = 'openvino'
    distribution = 'openvino'
    file = 'roadnet.bin'
    route = 'IR, compile_model, InferRequest, ov.Tensor(shared_memory=True)'

    def imports(self) -> None:
        """Import openvino."""
        import openvino  # noqa: F401

    def load(self, folder: Path, threads: int) -> Session:
        """Return a session for the file."""
        import openvino

        core = openvino.Core()
        model = core.read_model(folder / 'roadnet.xml')
        return OpenVinoSession(core, model, _compile(core, model, threads), None)

    def load_shared(self, folder: Path, threads: int) -> SharedWeights:
        """Give the weights as a tensor over the application's heap."""
        import openvino

        raw = np.fromfile(folder / self.file, np.uint8)
        block = Memory(allocate(raw.nbytes), raw.nbytes)
        array = array_at(block.address, raw.shape, np.uint8)
        array[:] = raw
        tensor = openvino.Tensor(array, shared_memory=True)
        core = openvino.Core()
        model = core.read_model((folder / 'roadnet.xml').read_bytes(), tensor)
        session = OpenVinoSession(core, model, _compile(core, model, threads), tensor)
        return SharedWeights(session, (block,))


def _compile(core: Any, model: Any, threads: int) -> Any:
    settings = {'INFERENCE_NUM_THREADS': threads, 'INFERENCE_PRECISION_HINT': 'f32'}
    return core.compile_model(model, 'CPU', settings)


class OpenVinoSession(Session):
    """An InferRequest, used again for every picture."""

    def __init__(self, core: Any, model: Any, compiled: Any, kept: Any) -> None:
        """Make one request of ``compiled``; ``kept`` lives as long."""
        self._core, self._model, self._compiled, self._kept = core, model, compiled, kept
        self._request = compiled.create_infer_request()

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Call `infer`, which copies the array."""
        self._request.infer({0: image})
        return self._outputs()

    def lend(self, image: NDArray[Any]) -> Run:
        """Share the array's memory: `Tensor(shared_memory=True)`."""
        import openvino

        self._request.set_input_tensor(openvino.Tensor(image, shared_memory=True))

        def run() -> Outputs:
            self._request.start_async()
            self._request.wait()
            return self._outputs()

        return run

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Use the request's own tensor: `get_input_tensor`."""
        data = self._request.get_input_tensor().data
        if image is not None:
            data[:] = image

        def run() -> Outputs:
            self._request.infer()
            return self._outputs()

        return Memory(address_of(data), data.nbytes), run

    def begin(self, image: Image) -> Pending:
        """Call `start_async` with the outputs' memory in hand."""
        views = [one.data for one in self._request.output_tensors]
        self._request.get_input_tensor().data[:] = image
        self._request.start_async()

        def wait() -> Outputs:
            self._request.wait()
            return self._outputs()

        return Pending(peek=lambda: [view.copy() for view in views], wait=wait)

    def live_outputs(self, image: Image) -> Outputs:
        """Return views: `infer(share_outputs=True)`."""
        made = self._request.infer({0: image}, share_outputs=True)
        return [made[index] for index in range(len(self._request.output_tensors))]

    def elsewhere(self, image: Image) -> Outputs:
        """Compile for a GPU."""
        compiled = self._core.compile_model(self._model, 'GPU')
        made = compiled(image)
        return [np.array(made[index]) for index in range(len(self._request.output_tensors))]

    def use_closed(self, image: Image) -> Outputs:
        """Use the request when the model it was made of is deleted."""
        self._core = self._model = self._compiled = None
        gc.collect()
        return self.infer(image)

    def _outputs(self) -> Outputs:
        return [one.data.copy() for one in self._request.output_tensors]
