# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The Python interfaces that extensions are written against."""

from __future__ import annotations

import enum
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

from reference.markdown import page

WIDTH = 88
GROUPS = {
    'Models and stages': (
        'restage.models.module:staged_module',
        'restage.stages.loading:load_model',
        'restage.stages.model:Stage',
        'restage.stages.model:StagedModel',
        'restage.stages.runner:StageRunner',
        'restage.stages.runner:StageError',
    ),
    'Backends': (
        'restage.cutting.network:Network',
        'restage.cutting.network:Part',
        'restage.cutting.network:Cut',
    ),
    'Object detectors': (
        'restage.models.decoders.registry:Family',
        'restage.models.decoders.registry:make_decoder',
    ),
    'Error detectors': (
        'restage.detect.detector:ErrorDetector',
        'restage.detect.detector:Finding',
        'restage.detect.stack:make_stack',
    ),
    'Faults': (
        'restage.faults.kind:FaultKind',
        'restage.faults.parameters:ParameterSpec',
        'restage.faults.effects.shot:Shot',
        'restage.faults.scenario_file:load_scenario',
    ),
    'Samplers': (
        'restage.sampling.samplers.base:Context',
        'restage.sampling.samplers.base:Draws',
        'restage.sampling.samplers.base:Sampler',
    ),
    'Frameworks of the study': (
        'restage.study.frameworks.framework:Framework',
        'restage.study.frameworks.framework:Session',
    ),
}


def api_page() -> str:
    """Return the page."""
    return page(
        'Python',
        'What code that extends Restage is written against; everything else may change without '
        'notice. Until version 1.0 these may change, too, and [the changelog](../../CHANGELOG.md) '
        'says so.',
        *('\n\n'.join([f'## {group}', *map(_section, names)]) for group, names in GROUPS.items()),
    )


def _section(path: str) -> str:
    module, name = path.split(':')
    one = getattr(importlib.import_module(module), name)
    parts = [f'### {name}', f'`from {module} import {name}`', _block(name, one), _text(one)]
    if inspect.isclass(one):
        parts += [_member(key, value) for key, value in _members(one)]
    return '\n\n'.join(part for part in parts if part)


def _block(name: str, one: Any) -> str:
    # A protocol's own constructor says nothing.
    if inspect.isclass(one) and (getattr(one, '_is_protocol', False) or inspect.isabstract(one)):
        return ''
    signature = _signature(one)
    return f'```text\n{name}{signature}\n```'


def _signature(one: Any) -> str:
    signature = inspect.signature(one)
    words, star = [], False
    for parameter in signature.parameters.values():
        if parameter.name == 'self':
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            words.append('*')
            star = True
        words.append(_parameter(parameter))
    after = signature.return_annotation
    end = '' if after in (signature.empty, None, 'None') else f' -> {after}'
    text = f'({", ".join(words)}){end}'
    return text if len(text) <= WIDTH else '(\n    ' + ',\n    '.join(words) + f',\n){end}'


def _parameter(parameter: inspect.Parameter) -> str:
    text = f'{parameter.name}: {parameter.annotation}'
    if parameter.default is parameter.empty:
        return text
    default = parameter.default
    # What has no text of its own, a lambda or a factory, would be an address.
    shown = str(default) if isinstance(default, enum.Enum) else repr(default)
    return f'{text} = {"..." if shown.startswith("<") else shown}'


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    if issubclass(kind, (enum.Enum, Exception)):
        return
    for name, value in vars(kind).items():
        if getattr(value, '__name__', '') == '<lambda>':
            continue
        if not name.startswith('_') and (
            inspect.isfunction(value) or isinstance(value, (property, classmethod))
        ):
            yield name, value


def _member(name: str, value: Any) -> str:
    if isinstance(value, property):
        return f'#### {name}\n\n{_text(value)}'
    function = value.__func__ if isinstance(value, classmethod) else value
    return f'#### {name}\n\n```text\n{name}{_signature(function)}\n```\n\n{_text(function)}'


def _text(one: Any) -> str:
    """Return the docstring; of its fields, a list."""
    text = inspect.getdoc(one) or ''
    text = re.sub(r'(?m)^:raises (\w+): ', r'- raises `\1`: ', text)
    text = re.sub(r'(?m)^:param (\w+): ', r'- `\1`: ', text)
    return text.replace('``', '`')
