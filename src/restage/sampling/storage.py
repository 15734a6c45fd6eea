# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The number format in which weights and stage outputs are kept; arithmetic is float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from restage.sampling.errors import not_accepted

Floats = NDArray[np.float32]
Raw = NDArray[np.uint32]

# The type of torch, the integer that shows its bits, and how many they are.
_FORMATS: dict[str, tuple[torch.dtype, torch.dtype, int]] = {
    'fp32': (torch.float32, torch.int32, 32),
    'fp16': (torch.float16, torch.int16, 16),
    'bf16': (torch.bfloat16, torch.int16, 16),
    'int8': (torch.int8, torch.int8, 8),
}
FORMATS = tuple(_FORMATS)


@dataclass(frozen=True)
class Storage:
    """
    A number format by its name: ``fp32``, ``fp16``, ``bf16`` or ``int8``.

    int8 is symmetric, one scale for each tensor: value = scale x integer from -127 to 127 (a fault
    can also make -128). The scale of another format is 1 and means nothing.

    :raises SamplingError: for another name.
    """

    name: str = 'fp32'

    def __post_init__(self) -> None:
        """Check the name."""
        if self.name not in _FORMATS:
            raise not_accepted('number format', self.name, FORMATS)

    @property
    def bits(self) -> int:
        """How many bits an element has."""
        return _FORMATS[self.name][2]

    @property
    def exact(self) -> bool:
        """Whether float32 values stay as they are."""
        return self.name == 'fp32'

    def scale_of(self, tensor: torch.Tensor) -> float:
        """Return the scale with which the largest element of ``tensor`` just fits."""
        if self.name != 'int8':
            return 1.0
        return float(tensor.detach().abs().max()) / 127.0 or 1.0

    def encode(self, values: Floats, scale: float) -> Raw:
        """Return the bits of ``values``, rounded to nearest, as unsigned integers."""
        kind, integer, bits = _FORMATS[self.name]
        tensor = torch.from_numpy(np.array(values, np.float32))  # a copy: it may be read only
        if self.name == 'int8':
            tensor = torch.nan_to_num(tensor / scale).round().clamp(-127, 127)
        raw = tensor.to(kind).view(integer).to(torch.int64).numpy()
        return np.asarray(raw & ((1 << bits) - 1), np.uint32)

    def decode(self, raw: Raw, scale: float) -> Floats:
        """Return the values whose bits are ``raw``."""
        kind, integer, bits = _FORMATS[self.name]
        signed = raw.astype(np.int64)
        signed = np.where(signed >= 1 << (bits - 1), signed - (1 << bits), signed)
        tensor = torch.from_numpy(signed).to(integer).view(kind).float()
        return np.asarray((tensor * scale if self.name == 'int8' else tensor).numpy(), np.float32)

    def rounded(self, tensor: torch.Tensor, scale: float) -> torch.Tensor:
        """Return ``tensor`` (float32) as it is after it was kept in this format."""
        if self.exact:
            return tensor
        if self.name == 'int8':
            return torch.nan_to_num(tensor / scale).round().clamp(-127, 127) * scale
        return tensor.to(_FORMATS[self.name][0]).float()
