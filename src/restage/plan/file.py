# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading plan files: YAML, checked to the last key before a detection node goes by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from restage.plan.errors import PlanError
from restage.plan.keys import names, numbers, refused, text
from restage.yaml_file import YamlError, read_yaml

SCHEMA = 1
# The image, as a boundary: it lies before the first stage.
IMAGE_NAME = 'image'
REQUIRED = ('schema', 'digest', 'stages', 'boundaries', 'stage_ms')
PREDICTED = ('overhead_cap_percent', 'worst_case_ms', 'expected_ms', 'overhead_percent')
OPTIONAL = ('model', *PREDICTED, 'stage_p99_ms', 'machine')


@dataclass(frozen=True)
class CheckpointPlan:
    """
    Where to checkpoint, and how long the stages took where that was planned.

    ``boundaries``: stages behind which to checkpoint, ``image`` for the frame itself; may be
    none. ``stage_ms``: median time of each stage in ms. ``same_weights``: whether the plan was
    measured with the very weights it is loaded for; others of the same network take as long.
    """

    boundaries: tuple[str, ...]
    stage_ms: tuple[float, ...]
    same_weights: bool


def load_plan(path: str | Path, *, stages: Sequence[str], digest: str) -> CheckpointPlan:
    """
    Return the plan in the YAML file at ``path``, for the model with these stages and digest.

    :raises ValueError: when it cannot be read, is not valid, or is of another model; names the
        file, the key, and what is accepted.
    """
    file = Path(path).expanduser()
    try:
        data = read_yaml(file)
    except YamlError as error:
        raise PlanError(f'{file}: {error}') from None
    try:
        return parse_plan(data, stages=stages, digest=digest)
    except PlanError as error:
        raise PlanError(f'{file}: {error}') from None


def parse_plan(data: object, *, stages: Sequence[str], digest: str) -> CheckpointPlan:
    """
    Return the plan that ``data`` (what YAML gave) describes.

    :raises PlanError: when it is not valid; names the key and what is accepted.
    """
    keys = (*REQUIRED, *OPTIONAL)
    if not isinstance(data, dict):
        raise refused('the document', data, f'a mapping with the keys {", ".join(keys)}')
    for key in data:
        if key not in keys:
            raise refused('key', key, ', '.join(keys))
    for key in REQUIRED:
        if key not in data:
            raise PlanError(f'the key {key} is missing')
    if type(data['schema']) is not int or data['schema'] != SCHEMA:
        raise refused('schema', data['schema'], str(SCHEMA))
    if names(data, 'stages') != tuple(stages):
        raise refused('stages', data['stages'], f'those of this model, {", ".join(stages)}')
    return CheckpointPlan(
        _boundaries(data, stages),
        numbers(data, 'stage_ms', len(stages)),
        text(data, 'digest') == digest,
    )


def _boundaries(data: dict[object, object], stages: Sequence[str]) -> tuple[str, ...]:
    accepted = (IMAGE_NAME, *stages)
    found = names(data, 'boundaries')
    if not set(found) <= set(accepted) or len(set(found)) < len(found):
        raise refused('boundaries', data['boundaries'], f'each once, of {", ".join(accepted)}')
    return found
