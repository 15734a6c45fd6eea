# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a GPU to the host, on the way to the store.

Copies go through pinned memory, on a stream of their own, one after the other: while the CPU takes
the checksum of one tensor, the GPU copies the next. Nobody reads a tensor before its own event has
come; the store marks a boundary when it has read them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

Of = tuple[torch.dtype, torch.Size, tuple[int, ...]]


class Staging:
    """Pinned memory for each tensor, used again for each frame; for one thread."""

    def __init__(self) -> None:
        self._streams: dict[torch.device, torch.cuda.Stream] = {}
        self._buffers: dict[str, tuple[Of, torch.Tensor]] = {}

    def reserve(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Pin memory for tensors like these, which takes longer than a frame has."""
        for name, tensor in tensors.items():
            if not tensor.is_cpu:
                self._stream(tensor.device)
                self._buffer(name, tensor)

    def start(self, tensors: Mapping[str, torch.Tensor]) -> Callable[[str], torch.Tensor]:
        """
        Begin to copy those of ``tensors`` that are on a GPU, in their order.

        Returns a function that waits for one of them by name and returns its copy, with its memory
        order, which holds until the next ``start``.
        """
        copies: dict[str, tuple[torch.Tensor, torch.cuda.Event]] = {}
        for name, tensor in tensors.items():
            if tensor.is_cpu:
                continue
            stream = self._stream(tensor.device)
            # What made the tensor comes first.
            stream.wait_stream(torch.cuda.current_stream(tensor.device))
            buffer = self._buffer(name, tensor)
            with torch.cuda.stream(stream):
                buffer.copy_(tensor, non_blocking=True)
                copies[name] = buffer, stream.record_event()
            # Its memory is given to no other before it is copied, whoever lets go of it.
            tensor.record_stream(stream)

        def arrived(name: str) -> torch.Tensor:
            copy, event = copies[name]
            event.synchronize()
            return copy

        return arrived

    def _stream(self, device: torch.device) -> torch.cuda.Stream:
        if device not in self._streams:
            self._streams[device] = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        return self._streams[device]

    def _buffer(self, name: str, tensor: torch.Tensor) -> torch.Tensor:
        of = tensor.dtype, tensor.shape, tensor.stride()
        known = self._buffers.get(name)
        if known is not None and known[0] == of:
            return known[1]
        # The order is part of the value; one with gaps is packed, as the store does itself.
        made = torch.empty_like(tensor, device='cpu', pin_memory=True)
        self._buffers[name] = of, made
        return made
