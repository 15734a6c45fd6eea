# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A network that can be cut, whatever runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from restage.accelerator.choice import CPU
from restage.detector.errors import ModelError

Tensors = Mapping[str, torch.Tensor]
# More tensors than that at one place are no border, but the middle of something.
MOST_TENSORS = 6
# A node has something to do even if it moves nothing.
LEAST = 1000.0


def alive(made: Mapping[str, int], used: Mapping[str, int], position: int) -> tuple[str, ...]:
    """
    Return what is made up to ``position`` and used after it.

    :param made: by which node each tensor is made.
    :param used: by which node it is used last.
    """
    return tuple(name for name, at in made.items() if at <= position < used.get(name, -1))


@dataclass(frozen=True)
class Cut:
    """A place behind node ``position`` and the tensors that are handed over there."""

    position: int
    tensors: tuple[str, ...]
    nbytes: int

    @property
    def name(self) -> str:
        """The last tensor that is made before it."""
        return self.tensors[-1]


class Part(ABC):
    """What lies between two cuts: it makes ``outputs`` of ``inputs`` by means of ``weights``."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: tuple[str, ...]

    @abstractmethod
    def run(self, inputs: Tensors) -> tuple[torch.Tensor, ...]:
        """Return the outputs."""

    def forget(self) -> None:  # noqa: B027 - most look where the weights are each time
        """Hear that the weights were given other memory."""


class Network(ABC):
    """
    A network with one input, the picture, and where it can be cut.

    ``sample``: tensors at the cuts and at both ends, of one run, on the CPU. ``weights``: those
    that live in memory of ours, by name. ``device``: where what the parts make is.
    """

    device: torch.device = CPU

    picture: str
    outputs: tuple[str, ...]
    cuts: tuple[Cut, ...]
    sample: Tensors
    weights: Tensors

    @abstractmethod
    def operations(self) -> list[float]:
        """Return about how many operations each node takes."""

    def costs(self) -> list[float]:
        """Return the operations before each cut, since the one before it, and behind the last."""
        each = self.operations()
        ends = [0, *(one.position + 1 for one in self.cuts), len(each)]
        return [sum(each[first:last]) for first, last in pairwise(ends)]

    @abstractmethod
    def parts(self, cuts: Sequence[Cut]) -> list[Part]:
        """Return what lies between ``cuts``; without any, the whole."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Return what tells it from others, beside its weights."""

    def layers(self) -> dict[str, str]:
        """Return what each weight belongs to: what stands before the last dot of its name."""
        return {name: name.rpartition('.')[0] for name in self.weights}

    def gradients(self, pictures: Sequence[torch.Tensor]) -> Tensors:  # noqa: ARG002 - of most
        """
        Return the gradient of the outputs, summed over them and ``pictures``, by each weight.

        :raises ModelError: where it is not known; says why.
        """
        raise ModelError(
            'its runtime differentiates nothing; accepted: ONNX files and exported programs'
        )

    def named(self, names: Sequence[str]) -> list[Cut]:
        """
        Return the cuts called ``names``.

        :raises ModelError: for a name that is none; says which are.
        """
        known = {one.name: one for one in self.cuts}
        for name in names:
            if name not in known:
                raise ModelError(
                    f"no cut behind '{name}'; accepted: {', '.join(known) or 'none, it has none'}"
                )
        return sorted((known[name] for name in names), key=lambda one: one.position)
