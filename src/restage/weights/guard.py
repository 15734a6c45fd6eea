# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Watch the weights a model computes with, and bring clean ones back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import xxhash

from restage.stages.model import StagedModel
from restage.weights.errors import WeightsError
from restage.weights.golden import GoldenWeights
from restage.weights.memory import memory_for

MEASUREMENTS = 7
OTHER_DATA = 8 * 1024 * 1024


@dataclass(frozen=True)
class WeightFault:
    """Weights whose bytes are not those that were loaded; ``stage``: the first that reads them."""

    stage: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Say it."""
        return f'checksum differs: {", ".join(self.names)}'


class WeightGuard:
    """
    Lets ``model`` compute with a copy of ``golden``, where its weights are, and compares checksums.

    A memory scrub with a time budget for each frame.
    """

    def __init__(
        self,
        model: StagedModel,
        golden: GoldenWeights,
        budget_ns: int,
        load: Callable[[], StagedModel],
    ) -> None:
        """
        Move the weights of ``model`` into the copy, in place: all on one device.

        ``budget_ns``: time of a frame to spend on checking; 0: check after errors only.
        ``load`` reads the model anew, should the golden copy be damaged.
        """
        self._golden = golden
        self._load = load
        self._blocks = golden.layout.blocks
        self._all = range(len(self._blocks))
        self.adopt(model)
        self.frames_per_round = self._rounds(budget_ns)
        self._frame = 0

    def adopt(self, model: StagedModel) -> None:
        """
        Let ``model``, whose weights are those of the golden copy, compute with a new copy.

        :raises WeightsError: when the golden copy is damaged, and there is no other.
        """
        if self._golden.layout.checksums(self._golden.data) != self._golden.sums:
            self._repair_golden()
        devices = {tensor.device for tensor in model.weights.values()} or {torch.device('cpu')}
        self._memory = memory_for(devices.pop(), self._golden)
        self._live = self._memory.seen
        for item in self._golden.layout.placed:
            # The parameter stays the object that the network knows; only its memory changes.
            model.weights[item.name].data = self._memory.tensor(item)
        self._views = [self._live[block.start : block.end].data for block in self._blocks]
        model.moved()

    def _rounds(self, budget_ns: int) -> int:
        """Return in how many frames every weight is checked once, within the budget; 0: never."""
        if not budget_ns or not self._blocks:
            return 0
        self._bad(self._all)  # brings the pages in
        # The shortest of some: others want the cores too while a node is configured.
        spent_ns = min(self._time_of_all() for _ in range(MEASUREMENTS))
        return min(len(self._blocks), -(-spent_ns // budget_ns))

    def _time_of_all(self) -> int:
        # As between two stages, whose tensors have driven the weights out of the nearest cache.
        np.zeros(OTHER_DATA, np.uint8).sum()
        started = time.monotonic_ns()
        self._bad(self._all)
        return time.monotonic_ns() - started

    def check_next(self) -> WeightFault | None:
        """Check the weights whose turn it is on this frame: all of them, if the budget allows."""
        rounds = self.frames_per_round
        if not rounds:
            return None
        if rounds == 1:
            self._memory.look(self._blocks)
            whole = int(xxhash.xxh3_64_intdigest(self._live.data))
            return None if whole == self._golden.sum else self.check_all()
        self._frame += 1
        return self._fault(self._bad(self._all[self._frame % rounds :: rounds]))

    def check_all(self) -> WeightFault | None:
        """Check every weight."""
        return self._fault(self._bad(self._all))

    def _bad(self, numbers: Sequence[int]) -> list[int]:
        sums, views = self._golden.sums, self._views
        self._memory.look(self._blocks[n] for n in numbers)
        return [n for n in numbers if xxhash.xxh3_64_intdigest(views[n]) != sums[n]]

    def _fault(self, bad: list[int]) -> WeightFault | None:
        if not bad:
            return None
        clean, layout = self._golden.data, self._golden.layout
        # A large weight has many blocks, and is compared once.
        found = (item for number in bad for item in layout.within(self._blocks[number]))
        inside = list({item.name: item for item in found}.values())
        differ = [
            item
            for item in inside
            if (self._live[item.offset : item.end] != clean[item.offset : item.end]).any()
        ]
        # The golden copy may be damaged in the same way.
        names = dict.fromkeys(item.name for item in differ or inside)
        return WeightFault(min(self._blocks[number].stage for number in bad), tuple(names))

    def reload(self) -> tuple[str, ...]:
        """
        Write clean weights over damaged ones, in place; return the names of those that were.

        :raises WeightsError: when neither the golden copy nor the model's file has them.
        """
        bad = self._bad(self._all)
        fault = self._fault(bad)
        clean = self._golden.data
        if any(self._blocks[number].checksum(clean) != self._golden.sums[number] for number in bad):
            self._repair_golden()
        for number in bad:
            place = slice(self._blocks[number].start, self._blocks[number].end)
            self._live[place] = clean[place]
            self._memory.put(self._blocks[number])
        return fault.names if fault else ()

    def _repair_golden(self) -> None:
        """Fill the golden copy anew from the model's file."""
        layout = self._golden.layout
        # Apart first: whatever is in the golden copy, every node that maps it computes with.
        clean = np.zeros(layout.nbytes, np.uint8)
        try:
            layout.fill(clean, self._load())
        except (KeyError, ValueError, OSError) as error:
            raise WeightsError(
                f'the golden copy is damaged and the model cannot be loaded: {error}'
            ) from None
        if layout.checksums(clean) != self._golden.sums:
            raise WeightsError("the golden copy is damaged and the model's file has changed")
        self._golden.writable()[:] = clean
