# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""PyTorch on the CPU, in eager mode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    INPUT_SHAPE,
    Framework,
    Image,
    Outputs,
    Run,
    Session,
    SharedWeights,
)
from restage.study.memory import Memory, allocate, array_at

if TYPE_CHECKING:
    from torch import Tensor, nn


class PyTorch(Framework):
    """A state dict from `torch.save`, mapped into memory as `torch.load(mmap=True)` does."""

    name = 'pytorch'
    distribution = 'torch'
    file = 'roadnet.pt'
    route = 'eager, torch.load(mmap=True, weights_only=True), torch.from_numpy'

    def imports(self) -> None:
        """Import torch, and the code of the network, which is the application's."""
        import torch  # noqa: F401

        import restage.detector.folding  # noqa: F401

    def load(self, folder: Path, threads: int) -> Session:
        """Return a session over tensors that are mapped from the file."""
        import torch

        torch.set_num_threads(threads)
        state = torch.load(folder / self.file, mmap=True, weights_only=True, map_location='cpu')
        return TorchSession(_network(state))

    def load_shared(self, folder: Path, threads: int) -> SharedWeights:
        """Make the parameters of arrays on the application's heap, which torch does not copy."""
        import torch

        torch.set_num_threads(threads)
        blocks, state = [], {}
        with np.load(folder / 'weights.npz') as weights:
            for name in weights.files:
                value = weights[name]
                block = Memory(allocate(value.nbytes), value.nbytes)
                array = array_at(block.address, value.shape)
                array[:] = value
                state[name] = torch.from_numpy(array)
                blocks.append(block)
        return SharedWeights(TorchSession(_network(state)), tuple(blocks))


def _network(state: dict[str, Tensor]) -> nn.Module:
    from restage.detector.folding import folded_network

    network = folded_network()
    network.load_state_dict(state, assign=True)
    return network.requires_grad_(False).eval()


class TorchSession(Session):
    """A module and its parameters."""

    refusals: ClassVar[dict[str, str]] = {
        'begin': 'on the CPU a call returns new tensors when they are complete',
    }

    def __init__(self, network: nn.Module) -> None:
        """Use ``network``."""
        self._network = network

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Call the module."""
        return self.lend(image)()

    def lend(self, image: NDArray[Any]) -> Run:
        """Share the array's memory: `torch.from_numpy`."""
        import torch

        tensor = torch.from_numpy(image)
        return lambda: self._run(tensor)

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Take memory from torch's allocator: `torch.empty`."""
        import torch

        tensor = torch.empty(INPUT_SHAPE)
        if image is not None:
            tensor.copy_(torch.from_numpy(image))
        memory = Memory(tensor.data_ptr(), tensor.numel() * tensor.element_size())
        return memory, lambda: self._run(tensor)

    def live_outputs(self, image: Image) -> Outputs:
        """Return views of the tensors."""
        import torch

        with torch.inference_mode():
            return [one.numpy() for one in self._network(torch.from_numpy(image))]

    def elsewhere(self, image: Image) -> Outputs:
        """Give a tensor of the meta device to a module on the CPU."""
        import torch

        return self._run(torch.from_numpy(image).to('meta'))

    def use_closed(self, image: Image) -> Outputs:
        """Move the module to the meta device, which gives its memory back, then call it."""
        self._network.to('meta')
        return self.infer(image)

    def _run(self, tensor: Tensor) -> Outputs:
        import torch

        with torch.inference_mode():
            return [one.numpy().copy() for one in self._network(tensor)]
