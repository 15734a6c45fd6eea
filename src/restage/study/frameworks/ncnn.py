# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""ncnn on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    INPUT_NAME,
    INPUT_SHAPE,
    OUTPUT_NAMES,
    Framework,
    Image,
    Outputs,
    Run,
    Session,
)
from restage.study.memory import Memory, address_of


class Ncnn(Framework):
    """ncnn's own format, written from the exported file; return codes are looked at."""

    name = 'ncnn'
    distribution = 'ncnn'
    file = 'roadnet.ncnn.bin'
    route = 'Net.load_param and load_model, Extractor, ncnn.Mat over NumPy memory'
    copies = 'DataReader.read and load_model_mem of the Python package copy'

    def imports(self) -> None:
        """Import ncnn."""
        import ncnn  # noqa: F401

    def load(self, folder: Path, threads: int) -> Session:
        """
        Return a session for the files.

        :raises RuntimeError: when ncnn returns an error.
        """
        return NcnnSession(_load(folder, self.file, threads, gpu=False), folder, threads)


def _load(folder: Path, file: str, threads: int, *, gpu: bool) -> Any:
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_vulkan_compute = gpu
    _check('load_param', net.load_param(str(folder / 'roadnet.ncnn.param')))
    _check('load_model', net.load_model(str(folder / file)))
    return net


def _check(name: str, code: int) -> None:
    if code != 0:
        raise RuntimeError(f'ncnn: {name} returned {code}')


class NcnnSession(Session):
    """A Net; each inference has an Extractor of its own."""

    refusals: ClassVar[dict[str, str]] = {
        'begin': 'extract returns a new Mat when it is complete',
    }

    def __init__(self, net: Any, folder: Path, threads: int) -> None:
        """Use ``net``, which was loaded from ``folder``."""
        self._net, self._folder, self._threads = net, folder, threads

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Put a Mat over the array into an Extractor."""
        return self.lend(image)()

    def lend(self, image: NDArray[Any]) -> Run:
        """Share the array's memory: `ncnn.Mat(array)`, which keeps no reference to it."""
        import ncnn

        mat = ncnn.Mat(image[0])
        return lambda: _extract(self._net.create_extractor(), mat)

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Take memory from ncnn's allocator: `ncnn.Mat(w, h, c)`."""
        import ncnn

        channels, rows, cols = INPUT_SHAPE[1:]
        mat = ncnn.Mat(cols, rows, channels)
        view = np.asarray(mat)
        if image is not None:
            view[:] = image[0]
        memory = Memory(address_of(view), mat.total() * mat.elemsize)
        return memory, lambda: _extract(self._net.create_extractor(), mat)

    def live_outputs(self, image: Image) -> Outputs:
        """Return views of the Mats."""
        import ncnn

        extractor = self._net.create_extractor()
        _check('input', extractor.input(INPUT_NAME, ncnn.Mat(image[0])))
        return [np.asarray(extractor.extract(name)[1])[None] for name in OUTPUT_NAMES]

    def elsewhere(self, image: Image) -> Outputs:
        """Ask for Vulkan where there is none."""
        net = _load(self._folder, Ncnn.file, self._threads, gpu=True)
        return NcnnSession(net, self._folder, self._threads).infer(image)

    def use_closed(self, image: Image) -> Outputs:
        """Clear the Net, then extract from it."""
        import ncnn

        extractor = self._net.create_extractor()
        self._net.clear()
        return _extract(extractor, ncnn.Mat(image[0]))


def _extract(extractor: Any, mat: Any) -> Outputs:
    _check('input', extractor.input(INPUT_NAME, mat))
    outputs = []
    for name in OUTPUT_NAMES:
        code, made = extractor.extract(name)
        _check('extract', code)
        outputs.append(np.array(made)[None])
    return outputs
