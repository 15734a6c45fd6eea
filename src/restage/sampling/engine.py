# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a model with one fault at a time, and of that no more than the fault can have changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch

from restage.sampling.fault_model import FaultModel
from restage.sampling.sites import bits_of, check_target, neuron_space, weight_space
from restage.sampling.space import Fault
from restage.sampling.storage import Raw, Storage
from restage.sampling.subject import Subject
from restage.stages.model import Stage, State

Figures = dict[str, float]
# Pictures of which the values of an output are kept, to tell how far a fault moves them.
SAMPLES = 8


class Engine:
    """
    Keeps what every stage makes of every input without a fault.

    A fault in stage k is run from stage k on: what lies before is the same (prefix caching). Once
    everything that later stages read has the bits of the clean run, so has the result, and the
    rest is not run. Weights and the outputs of stages with weights are kept in ``storage``;
    arithmetic is float32. The weights of the subject are changed to what that format holds.
    """

    def __init__(
        self,
        subject: Subject,
        target: str = 'weights',
        model: FaultModel | None = None,
        storage: Storage | None = None,
    ) -> None:
        """
        Run the subject once without a fault.

        :raises SamplingError: for a target that is neither ``weights`` nor ``neurons``.
        """
        self.subject = subject
        self.storage = storage or Storage()
        self.model = model or FaultModel()
        check_target(target)
        weight_scales = {
            name: self.storage.scale_of(tensor) for name, tensor in subject.weights.items()
        }
        self._output_scales: dict[str, float] = {}
        with torch.inference_mode():
            for name, tensor in subject.weights.items():
                tensor.copy_(self.storage.rounded(tensor, weight_scales[name]))
            self._calibrate()
            self.states = [self._clean_states(state) for state in subject.inputs]
        self.clean = subject.judge([states[-1] for states in self.states])
        if target == 'weights':
            self.space = weight_space(subject, self.model, self.storage, weight_scales)
        else:
            first = self.states[0][1:]
            scales = self._output_scales
            self.space = neuron_space(subject, self.model, self.storage, first, scales)
            self.space.raw = self._samples()
        self._live = [subject.live_after(at) for at in range(len(subject.stages))]
        # What a fault in a weight did can only be over behind the last stage that reads it.
        self._last_reader = {
            name: position
            for position, stage in enumerate(subject.stages)
            for name in stage.weights
        }

    def _calibrate(self) -> None:
        """Find the scale of every output, over all inputs."""
        for state in self.subject.inputs:
            for stage in self.subject.stages:
                made = stage.run(state)
                state = {**state, **made}
                for name in _floats(made) if stage.weights else ():
                    scale = self.storage.scale_of(made[name])
                    self._output_scales[name] = max(scale, self._output_scales.get(name, 0.0))

    def _clean_states(self, state: State) -> list[State]:
        states = [state]
        for stage in self.subject.stages:
            state = {**state, **self._made(stage, state)}
            states.append(state)
        return states

    def _made(self, stage: Stage, state: Mapping[str, torch.Tensor]) -> State:
        made = stage.run(state)
        if self.storage.exact or not stage.weights:
            return made
        rounded = {
            name: self.storage.rounded(made[name], self._output_scales[name])
            for name in _floats(made)
        }
        return {**made, **rounded}

    def _samples(self) -> Raw:
        """Return the bits of every output element in some of the pictures (S x E)."""
        parts = []
        for site in self.space.sites:
            states = [states[site.stage + 1][site.tensor] for states in self.states]
            rows = [self.subject.by_picture(tensor)[:SAMPLES] for tensor in states[:SAMPLES]]
            some = torch.cat(rows)[:SAMPLES]
            parts.append(bits_of(some, self.storage, site.scale).reshape(len(some), -1))
        return np.concatenate(parts, axis=1)

    def run(self, fault: Fault) -> Figures:
        """Return the figures of the outputs with ``fault``."""
        site = self.space.sites[fault.site]
        results = []
        with torch.inference_mode(), self._weight(fault):
            for states in self.states:
                if self.space.target == 'weights':
                    last = self._last_reader[site.tensor]
                    results.append(self._rest(site.stage, states, states[site.stage], last))
                else:
                    hit = self._hit(fault, states[site.stage + 1])
                    results.append(self._behind(site.stage, states, hit))
        if all(result is None for result in results):
            return dict(self.clean)
        ends = [states[-1] for states in self.states]
        outputs = [end if one is None else one for end, one in zip(ends, results, strict=True)]
        return self.subject.judge(outputs)

    def run_naively(self, fault: Fault) -> Figures:
        """Return the same, with every stage run on every input."""
        hit_behind = self.space.sites[fault.site].stage
        results = []
        with torch.inference_mode(), self._weight(fault):
            for state in self.subject.inputs:
                try:
                    for position, stage in enumerate(self.subject.stages):
                        state = {**state, **self._made(stage, state)}
                        if self.space.target == 'neurons' and position == hit_behind:
                            state = self._hit(fault, state)
                except Exception:
                    if self.subject.failed is None:
                        raise
                    state = {**state, **self.subject.failed}
                results.append(state)
        return self.subject.judge(results)

    def _behind(self, position: int, clean: list[State], state: State) -> State | None:
        """Go on with ``state`` behind a stage; None when the result is that of the clean run."""
        if self._same(position, state, clean[position + 1]):
            return None
        return self._rest(position + 1, clean, state, position)

    def _rest(self, first: int, clean: list[State], state: State, last: int) -> State | None:
        """
        Run the stages from ``first`` on; None when the result is that of the clean run.

        :param last: the last stage that has a part in the fault.
        """
        for position in range(first, len(self.subject.stages)):
            try:
                state = {**state, **self._made(self.subject.stages[position], state)}
            except Exception:
                if self.subject.failed is None:
                    raise
                return {**state, **self.subject.failed}
            if position >= last and self._same(position, state, clean[position + 1]):
                return None
        return state

    def _same(self, position: int, state: State, clean: State) -> bool:
        return all(_equal(state[name], clean[name]) for name in self._live[position])

    def _hit(self, fault: Fault, state: State) -> State:
        """Return ``state`` with the element hit in every picture of the batch."""
        site = self.space.sites[fault.site]
        tensor = state[site.tensor].clone(memory_format=torch.preserve_format)
        self._alter(_column(self.subject.by_picture(tensor), fault.element), fault)
        return {**state, site.tensor: tensor}

    @contextmanager
    def _weight(self, fault: Fault) -> Iterator[None]:
        """Have a faulty weight in the live tensor."""
        if self.space.target != 'weights':
            yield
            return
        site = self.space.sites[fault.site]
        cell = _column(self.subject.weights[site.tensor].detach()[None], fault.element)
        old = cell.clone()
        try:
            self._alter(cell, fault)
            yield
        finally:
            cell.copy_(old)

    def _alter(self, cells: torch.Tensor, fault: Fault) -> None:
        """Let the fault change each of ``cells`` (float32), in place."""
        scale = self.space.sites[fault.site].scale
        raw = self.model.apply(self.storage.encode(cells.numpy(), scale), fault.bit)
        cells.copy_(torch.from_numpy(self.storage.decode(raw, scale)))


def _floats(made: State) -> list[str]:
    """Return the names of the tensors that are numbers of the network, not counts or indices."""
    return [name for name, tensor in made.items() if tensor.dtype == torch.float32]


def _column(tensor: torch.Tensor, element: int) -> torch.Tensor:
    """Return a view (N) of one element, flat and row-major, of each of the N in ``tensor``."""
    view = tensor
    for size in reversed(tensor.shape[1:]):
        element, position = divmod(element, size)
        view = view.select(view.dim() - 1, position)
    return view


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Return whether both have the same bits."""
    if one is other:
        return True
    if one.shape != other.shape:
        return False
    if one.dtype == torch.float32:
        return torch.equal(one.view(torch.int32), other.view(torch.int32))
    return torch.equal(one, other)
