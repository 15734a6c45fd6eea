# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Behind which stages a detection node checkpoints, and where it looks at values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from restage.checkpoint.boundaries import IMAGE
from restage.plan.file import load_plan
from restage.stages.model import StagedModel

if TYPE_CHECKING:
    from restage.nodes.detection_options import DetectionOptions


AUTO = 'auto'


def boundaries_of(model: StagedModel, digest: str, options: DetectionOptions) -> frozenset[int]:
    """
    Return the boundaries of the plan, if one is given, else those named by the parameter.

    :raises ValueError: for a plan or a name that does not fit the model.
    """
    stages = tuple(stage.name for stage in model.stages)
    names = options.boundaries
    if options.plan:
        names = load_plan(Path(options.plan), stages=stages, digest=digest).boundaries
    return boundary_indices(names, model)


def boundary_indices(names: tuple[str, ...], model: StagedModel) -> frozenset[int]:
    """
    Return the boundaries called ``names`` as stage indices, ``image`` as -1; ``auto``: the model's.

    :raises ValueError: for a name that is no stage, naming those accepted.
    """
    if names == (AUTO,):
        names = model.boundaries
    stages = tuple(stage.name for stage in model.stages)
    known = {'image': IMAGE, **{name: index for index, name in enumerate(stages)}}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(
            f'checkpoint_boundaries {unknown} are no stages of this model; '
            f'accepted: {AUTO}, {", ".join(known)}'
        )
    return frozenset(known[name] for name in names)


def checked_stages(model: StagedModel, boundaries: frozenset[int]) -> frozenset[str]:
    """
    Return the stages behind which values are checked: boundaries, and all after the last one.

    An error found between two boundaries would be resumed from the same one as an error found at
    the next: checking there costs time and gains none. What comes after the last one is no longer
    looked at by another, and a later stage may hide what an earlier one shows.
    """
    last = len(model.stages) - 1
    wanted = boundaries | set(range(max(boundaries, default=-1) + 1, last)) | {last - 1, last}
    return frozenset(model.stages[index].name for index in wanted if index >= 0)
