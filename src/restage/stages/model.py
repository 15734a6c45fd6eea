# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a staged model is: an ordered list of named stages over a dict of tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
import xxhash

State = dict[str, torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """
    One step of the inference; its borders are the only places where state is handed over.

    ``run`` is a pure function: it reads the tensors named in ``inputs``, modifies none of
    them, and returns exactly those named in ``outputs``. ``weights``: which it computes with.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    run: Callable[[Mapping[str, torch.Tensor]], State]
    weights: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StagedModel:
    """
    An ordered list of stages from ``image`` (uint8, H x W x 3, BGR) to ``detections``.

    ``detections`` is float32, N x 6: x1, y1, x2, y2 (pixels of the source image), score,
    class id; score descending; N may be 0. A model may make ``support`` as well (int64, N): how
    many locations of the network agree on each of them.

    ``source``: what else makes it what it is, beside its weights. ``moved`` is called after the
    weights were given other memory. ``boundaries``: stages behind which to checkpoint if nobody
    says otherwise. ``whole``: from what the first stage made, what the network makes without being
    cut into stages, by name.

    :raises ValueError: when stage names repeat or a stage reads what none before it made.
    """

    name: str
    stages: tuple[Stage, ...]
    class_names: tuple[str, ...]
    input_size: tuple[int, int]
    weights: Mapping[str, torch.Tensor] = field(default_factory=dict)
    source: str = ''
    moved: Callable[[], object] = field(default=lambda: None, repr=False, compare=False)
    boundaries: tuple[str, ...] = ()
    whole: Callable[[State], State] | None = field(default=None, repr=False, compare=False)
    _live: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check that the stages fit together."""
        known = {'image'}
        seen: set[str] = set()
        for stage in self.stages:
            if stage.name in seen:
                raise ValueError(f"stage name '{stage.name}' appears twice in '{self.name}'")
            missing = sorted(set(stage.inputs) - known)
            if missing:
                raise ValueError(
                    f"stage '{stage.name}' of '{self.name}' reads {missing}, "
                    'which no earlier stage produces'
                )
            seen.add(stage.name)
            known.update(stage.outputs)
        if 'detections' not in known:
            raise ValueError(f"no stage of '{self.name}' produces 'detections'")
        # Asked for behind every stage of every frame.
        live = tuple(self._live_after(boundary) for boundary in range(-1, len(self.stages)))
        object.__setattr__(self, '_live', live)

    def index(self, name: str) -> int:
        """Return the position of the stage called ``name``."""
        for position, stage in enumerate(self.stages):
            if stage.name == name:
                return position
        names = ', '.join(stage.name for stage in self.stages)
        raise ValueError(f"no stage '{name}' in '{self.name}'; its stages are: {names}")

    def digest(self) -> str:
        """Return the 64-bit XXH3, in hex, of name and source, and of all weights by name."""
        state = xxhash.xxh3_64((self.name + self.source).encode())
        for name, tensor in sorted(self.weights.items()):
            state.update(name.encode())
            state.update(
                tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data
            )
        return state.hexdigest()

    def live_after(self, boundary: int) -> tuple[str, ...]:
        """
        Return the tensors that stages after ``boundary`` still read, in order of production.

        Boundary ``b`` lies after stage ``b``; boundary ``-1`` is the input itself.
        """
        return self._live[boundary + 1]

    def _live_after(self, boundary: int) -> tuple[str, ...]:
        needed = {name for stage in self.stages[boundary + 1 :] for name in stage.inputs}
        if boundary == len(self.stages) - 1:
            needed = {'detections'}
        made = ['image']
        for stage in self.stages[: boundary + 1]:
            made.extend(name for name in stage.outputs if name not in made)
        return tuple(name for name in made if name in needed)
