# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""
The same faults with public tools: ``python -m restage.sampling.benchmark --json FILE``.

PyTorchFI (0.6.0) and MRFI (2.1.0) are not required by anything else here; install them into an
environment of their own (``pip install --no-deps pytorchfi mrfi``). What is not there is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import nn

from restage.report.machine import machine, versions
from restage.sampling.classifier.weights import NETWORKS, load_classifier
from restage.sampling.engine import Engine, Figures
from restage.sampling.space import Fault
from restage.sampling.subjects import load_subject

Run = Callable[[Fault], Figures]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--faults', type=int, default=60)
    parser.add_argument('--images', type=int, default=200)
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--json', type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.CRITICAL)
    found = {name: compare(name, args.images, args.faults, args.seed) for name in NETWORKS}
    document = {'schema': 1, 'models': found, 'machine': machine(), 'versions': versions()}
    args.json.write_text(json.dumps(document, indent=1) + '\n', encoding='utf-8')
    for name, one in found.items():
        for tool, row in one['tools'].items():
            sys.stdout.write(f'{name} {tool}: {row}\n')


def compare(name: str, images: int, count: int, seed: int) -> dict[str, Any]:
    """Run uniform faults in weights of convolutions with every tool, in turns, on one core."""
    engine = Engine(load_subject(name, images))
    convolutions = _convolutions(name)
    space = engine.space
    chosen = np.flatnonzero(
        [space.sites[site].tensor.removesuffix('.weight') in convolutions for site in space.site]
    )
    rng = np.random.default_rng([seed, 47])
    places = rng.choice(chosen, count)
    faults = [
        space.fault(int(place) * space.positions + int(bit))
        for place, bit in zip(places, rng.integers(0, space.positions, count), strict=True)
    ]
    tools: dict[str, Run] = {'restage': engine.run, 'naive': engine.run_naively}
    for tool, make in (('pytorchfi', _pytorchfi), ('mrfi', _mrfi)):
        if importlib.util.find_spec(tool):
            tools[tool] = make(engine, name, convolutions)
    seconds = dict.fromkeys(tools, 0.0)
    same = dict.fromkeys(tools, 0)
    for fault in faults:
        damage = engine.run(fault)['damage']
        for tool, run in tools.items():
            start = perf_counter()
            figures = run(fault)
            seconds[tool] += perf_counter() - start
            same[tool] += figures['damage'] == damage
    return {
        'faults': count,
        'images': images,
        'tools': {
            tool: {
                'faults_per_s': round(count / taken, 2),
                'restage_is_faster_by': round(taken / seconds['restage'], 2),
                'same_damage': same[tool],
            }
            for tool, taken in seconds.items()
        },
    }


def _convolutions(name: str) -> list[str]:
    """Return the convolutions in the order in which the tools count them."""
    modules = load_classifier(name).named_modules()
    return [path for path, module in modules if isinstance(module, nn.Conv2d)]


def _flipped(value: torch.Tensor, bit: int) -> torch.Tensor:
    raw = value.detach().reshape(1).numpy().view(np.uint32) ^ np.uint32(1 << bit)
    return torch.from_numpy(raw.view(np.float32))[0]


def _pytorchfi(engine: Engine, name: str, convolutions: list[str]) -> Run:
    from pytorchfi.core import fault_injection

    state = engine.subject.inputs[0]
    images = state['x']
    injector = fault_injection(
        load_classifier(name), len(images), input_shape=list(images.shape[1:])
    )

    def run(fault: Fault) -> Figures:
        site = engine.space.sites[fault.site]
        k, c, h, w = (int(at) for at in np.unravel_index(fault.element, site.shape))
        broken = injector.declare_weight_fi(
            layer_num=[convolutions.index(site.tensor.removesuffix('.weight'))],
            k=[k],
            dim1=[c],
            dim2=[h],
            dim3=[w],
            function=lambda weight, place: _flipped(weight[place], fault.bit),
        )
        with torch.inference_mode():
            return engine.subject.judge([{'logits': broken(images)}])

    return run


def _mrfi(engine: Engine, name: str, convolutions: list[str]) -> Run:
    from mrfi import MRFI, EasyConfig

    entry = {
        'type': 'weight',
        'name': ['weight'],
        'enabled': False,
        'selector': {'method': 'FixPositions', 'positions': []},
        'error_mode': {'method': 'FloatFixedBitFlip', 'bit': 0},
        'module_fullname': list(convolutions),
    }
    # It flattens weights as they lie in memory, which has to be row-major.
    network = load_classifier(name)
    network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    injected = MRFI(network, EasyConfig({'faultinject': [entry]}))
    nodes = {path: injected.get_weights_configs(module_fullname=path)[0] for path in convolutions}
    last = [convolutions[0]]
    images = engine.subject.inputs[0]['x']

    def run(fault: Fault) -> Figures:
        path = engine.space.sites[fault.site].tensor.removesuffix('.weight')
        # The weight hit before is put back by a run in which nothing is chosen there.
        for node in nodes.values():
            node.enabled = False
        nodes[last[0]].enabled = True
        nodes[last[0]].selector.args.positions = []
        nodes[path].enabled = True
        nodes[path].selector.args.positions = [fault.element]
        nodes[path].error_mode.args.bit = fault.bit
        last[0] = path
        return engine.subject.judge([{'logits': injected(images)}])

    return run


if __name__ == '__main__':
    main()
