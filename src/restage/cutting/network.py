# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A network that can be cut, whatever runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from restage.detector.errors import ModelError

Tensors = Mapping[str, torch.Tensor]


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

    ``sample``: tensors at the cuts and at both ends, of one run. ``weights``: those that live in
    memory of ours, by name.
    """

    picture: str
    outputs: tuple[str, ...]
    cuts: tuple[Cut, ...]
    sample: Tensors
    weights: Tensors

    @abstractmethod
    def costs(self) -> list[float]:
        """Return the operations before each cut, since the one before it, and behind the last."""

    @abstractmethod
    def parts(self, cuts: Sequence[Cut]) -> list[Part]:
        """Return what lies between ``cuts``; without any, the whole."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Return what tells it from others, beside its weights."""

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
