# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a detector does, step by step, while it is done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn

from restage.cutting.network import LEAST

PICTURE = 'picture'
Call = Callable[..., tuple[torch.Tensor, ...]]


@dataclass(frozen=True)
class Step:
    """
    ``call`` makes ``outputs`` of ``inputs`` by means of the weights of ``modules``.

    ``operations``: about how many that takes.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    call: Call
    modules: tuple[nn.Module, ...]
    operations: float


class Steps:
    """The steps so far, and ``values``: all that they made of the picture."""

    def __init__(self, picture: torch.Tensor) -> None:
        """Begin with ``picture`` (1 x 3 x H x W, RGB, 0 to 1)."""
        self.values: dict[str, torch.Tensor] = {PICTURE: picture}
        self.steps: list[Step] = []

    def add(
        self,
        names: str | Sequence[str],
        inputs: Sequence[str],
        call: Call,
        modules: Sequence[nn.Module] = (),
    ) -> tuple[str, ...]:
        """
        Do a step and return the names of what it makes.

        One name for several outputs is counted on: ``name.0``, ``name.1``.
        """
        with torch.inference_mode(), _counting(modules) as spent:
            made = call(*(self.values[name] for name in inputs))
        if isinstance(names, str):
            names = [names] if len(made) == 1 else [f'{names}.{n}' for n in range(len(made))]
        self.values.update(zip(names, made, strict=True))
        operations = LEAST + sum(spent) + sum(tensor.numel() for tensor in made)
        self.steps.append(Step(tuple(inputs), tuple(names), call, tuple(modules), operations))
        return tuple(names)


@contextmanager
def _counting(modules: Sequence[nn.Module]) -> Iterator[list[float]]:
    """Collect the operations of the convolutions and matrices in ``modules``."""
    spent: list[float] = []

    def count(module: Any, _: object, made: torch.Tensor) -> None:
        spent.append(float(made.numel()) * prod(module.weight.shape[1:]))

    filters = {
        id(part): part
        for module in modules
        for part in module.modules()
        if isinstance(part, nn.Conv2d | nn.Linear)
    }
    hooks = [part.register_forward_hook(count) for part in filters.values()]
    try:
        yield spent
    finally:
        for hook in hooks:
            hook.remove()
