# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""PyTorch on a GPU. Never run: no machine of the project has one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    Framework,
    Image,
    NotInstalled,
    Outputs,
    Pending,
    Session,
)
from restage.study.frameworks.pytorch import PyTorch, TorchSession, _network

if TYPE_CHECKING:
    from torch import Tensor


class PyTorchCuda(PyTorch):
    """As on the CPU, with the module and its inputs on the first GPU."""

    name = 'pytorch_cuda'
    route = 'eager on cuda:0, pinned memory, non_blocking copies'
    copies = 'weights are copied to the memory of the GPU'
    gpu = True
    load_shared = Framework.load_shared

    def imports(self) -> None:
        """Import torch, and make its CUDA context."""
        import torch

        if not torch.cuda.is_available():
            raise NotInstalled('PyTorch finds no CUDA device')
        torch.cuda.init()  # type: ignore[no-untyped-call]

    def load(self, folder: Path, threads: int) -> Session:
        """Return a session on the GPU."""
        import torch

        torch.set_num_threads(threads)
        state = torch.load(folder / self.file, weights_only=True, map_location='cpu')
        return CudaSession(_network(state).cuda())


class CudaSession(TorchSession):
    """A module on the GPU: work is queued, and a call returns before it is done."""

    refusals: ClassVar[dict[str, str]] = {}

    def begin(self, image: Image) -> Pending:
        """Copy the outputs into pinned memory without waiting for it."""
        import torch

        with torch.inference_mode():
            made = self._network(torch.from_numpy(image).pin_memory().cuda(non_blocking=True))
            here = [torch.empty(one.shape, pin_memory=True) for one in made]
            for target, source in zip(here, made, strict=True):
                target.copy_(source, non_blocking=True)

        def read() -> Outputs:
            return [one.numpy().copy() for one in here]

        def wait() -> Outputs:
            torch.cuda.synchronize()
            return read()

        return Pending(peek=read, wait=wait)

    def live_outputs(self, image: Image) -> Outputs:
        """Return what was copied to the host: memory of its own for every run."""
        return self.infer(image)

    def elsewhere(self, image: NDArray[Any]) -> Outputs:
        """Give a tensor of the host to a module on the GPU."""
        import torch

        return super()._run(torch.from_numpy(image))

    def _run(self, tensor: Tensor) -> Outputs:
        import torch

        with torch.inference_mode():
            return [one.cpu().numpy() for one in self._network(tensor.cuda())]
