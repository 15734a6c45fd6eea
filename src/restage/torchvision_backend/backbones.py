# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Backbones of torchvision's detectors, block by block.

Each step calls the backbone's own modules on the very tensors that its ``forward`` would, and none
begins with an activation in place, which would change what the step before it has made.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn

from restage.torchvision_backend.steps import Steps

# Names of tensors by the keys under which a backbone puts them out.
Features = dict[str, str]


def backbone(steps: Steps, module: Any, source: str) -> Features:
    """Add the steps of the backbone ``module`` on tensor ``source`` and return its features."""
    if hasattr(module, 'body') and hasattr(module, 'fpn'):
        levels = _body(steps, module.body, source)
        return _several(
            steps,
            'fpn',
            levels,
            module.fpn,
            lambda *made: module.fpn(OrderedDict(zip(levels, made, strict=True))),
        )
    # That of SSD with VGG has the same parts, and does more with them.
    if type(module).__name__ == 'SSDLiteFeatureExtractorMobileNet':
        return _ssdlite(steps, module, source)
    return _several(steps, 'backbone', {'': source}, module, module)


def _body(steps: Steps, body: Any, source: str) -> Features:
    """Source: torchvision.models._utils.IntermediateLayerGetter."""
    levels: Features = {}
    waiting: list[nn.Module] = []
    for name, module in body.items():
        waiting.append(module)
        # Of the stem, an activation in place belongs to what is before it.
        if type(module) is not nn.Sequential and name not in body.return_layers:
            continue
        blocks = list(module) if type(module) is nn.Sequential else []
        stem = waiting[:-1] if blocks else waiting
        for number, group in enumerate([stem, *([block] for block in blocks)]):
            if group:
                source = _chain(steps, f'body.{name}.{number}', source, group)
        waiting = []
        if name in body.return_layers:
            levels[body.return_layers[name]] = source
    return levels


def _ssdlite(steps: Steps, module: Any, source: str) -> Features:
    """Source: torchvision.models.detection.ssdlite.SSDLiteFeatureExtractorMobileNet."""
    levels: Features = {}
    for part in ('features', 'extra'):
        for number, group in enumerate(getattr(module, part)):
            whole = type(group) is not nn.Sequential or part == 'extra'
            for place, block in enumerate([group] if whole else group):
                source = _chain(steps, f'{part}.{number}.{place}', source, [block])
            levels[str(len(levels))] = source
    return levels


def _chain(steps: Steps, name: str, source: str, modules: Sequence[nn.Module]) -> str:
    def call(modules: Sequence[nn.Module], x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        for module in modules:
            x = module(x)
        return (x,)

    (made,) = steps.add(name, (source,), partial(call, tuple(modules)), modules)
    return made


def _several(
    steps: Steps, name: str, levels: Features, module: nn.Module, make: Callable[..., Any]
) -> Features:
    """Add a step with features as outputs, as many as there are."""
    keys: list[str] = []

    def call(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        made = make(*tensors)
        if isinstance(made, torch.Tensor):
            made = {'0': made}
        keys[:] = made
        return tuple(made.values())

    names = steps.add(name, tuple(levels.values()), call, (module,))
    return dict(zip(keys, names, strict=True))
