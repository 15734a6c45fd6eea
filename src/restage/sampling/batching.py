# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
Could faults be run as a batch? ``python -m restage.sampling.batching --json FILE``.

For every stage of the bundled detector: whether a row of a batch has the bits that it has by
itself, and which is faster. A row is another input of the stage (so it would be with faults in
outputs), or another value of one of its weights (by ``torch.func.vmap``).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from restage.cutting.verify import same_bits
from restage.detector.network import RoadNet
from restage.detector.staged import staged
from restage.detector.weights import load_network
from restage.report.machine import machine, versions
from restage.sampling.pictures import held_out
from restage.stages.model import Stage, State

Outputs = Sequence[Tensor]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rows', type=int, default=8)
    parser.add_argument('--repeats', type=int, default=10)
    parser.add_argument('--json', type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    images = [image for image, _ in islice(held_out(2 * args.rows), args.rows)]
    found = compare(load_network(), images, args.repeats)
    document = {'schema': 1, **found, 'machine': machine(), 'versions': versions()}
    args.json.write_text(json.dumps(document, indent=1) + '\n', encoding='utf-8')
    for kind in ('outputs', 'weights'):
        for name, row in found[kind].items():
            sys.stdout.write(f'{kind} {name}: {row}\n')


@torch.no_grad()
def compare(network: RoadNet, images: Sequence[Tensor], repeats: int) -> dict[str, Any]:
    """
    Return, for each stage with weights and for each of its weights, bits and times.

    :param images: uint8, H x W x 3: as many rows has a batch.
    """
    model, rows = staged(network), len(images)
    states: list[State] = []
    for image in images:
        state: State = {'image': image}
        for stage in model.stages:
            state.update(stage.run(state))
        states.append(state)
    outputs, weights = {}, {}
    for stage in model.stages:
        if stage.weights:
            outputs[stage.name] = _inputs_batched(stage, states, repeats)
        module = network.get_submodule(stage.name) if stage.weights else nn.Identity()
        for name, weight in module.named_parameters():
            if weight.ndim == 4:
                inputs = tuple(states[0][key] for key in stage.inputs)
                found = _weights_batched(module, name, inputs, rows, repeats)
                weights[f'{stage.name}.{name}'] = found
    return {'rows': rows, 'repeats': repeats, 'outputs': outputs, 'weights': weights}


def _inputs_batched(stage: Stage, states: Sequence[State], repeats: int) -> dict[str, Any]:
    batch = {name: torch.cat([state[name] for state in states]) for name in stage.inputs}

    def single() -> list[Outputs]:
        return [[*stage.run(state).values()] for state in states]

    def batched() -> list[Outputs]:
        made = [*stage.run(batch).values()]
        return [[tensor[row : row + 1] for tensor in made] for row in range(len(states))]

    return _compared(single, batched, repeats)


def _weights_batched(
    module: nn.Module, name: str, inputs: tuple[Tensor, ...], rows: int, repeats: int
) -> dict[str, Any]:
    weight = module.get_parameter(name)
    changed = weight.detach()[None].repeat(rows, 1, 1, 1, 1)
    for row, each in enumerate(changed):
        each.view(-1)[row * weight.numel() // rows] *= 2.0

    def run(one: Tensor) -> Any:
        return functional_call(module, {name: one}, inputs)

    def as_outputs(made: Any) -> Outputs:
        return made if isinstance(made, (tuple, list)) else (made,)

    def single() -> list[Outputs]:
        return [as_outputs(run(one)) for one in changed]

    def batched() -> list[Outputs]:
        made = [tensor.unbind() for tensor in as_outputs(vmap(run)(changed))]
        return [*zip(*made, strict=True)]

    return _compared(single, batched, repeats)


def _compared(
    single: Callable[[], list[Outputs]], batched: Callable[[], list[Outputs]], repeats: int
) -> dict[str, Any]:
    """Run both in turns; times are of one row, the shortest of ``repeats``."""
    times: dict[str, list[float]] = {'ms': [], 'ms_batched': []}
    ways = dict(zip(times, (single, batched), strict=True))
    for _ in range(repeats):
        for name, way in ways.items():
            start = perf_counter()
            made = way()
            times[name].append((perf_counter() - start) * 1e3 / len(made))
    rows = [[*zip(*row, strict=True)] for row in zip(single(), batched(), strict=True)]
    return {
        'same_bits': sum(all(same_bits(*pair) for pair in row) for row in rows),
        'largest_difference': max(float((a - b).abs().max()) for row in rows for a, b in row),
        **{name: round(min(each), 3) for name, each in times.items()},
    }


if __name__ == '__main__':
    main()
