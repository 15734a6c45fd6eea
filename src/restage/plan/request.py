# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the user asked to be planned, checked before anything is measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from restage.plan.errors import PlanError
from restage.plan.graph_cuts import CutModel, load_planned
from restage.stages.model import StagedModel

MOST_PERCENT = 100.0


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """
    A plan that can be made, and where it goes.

    ``overhead``: the cap in percent of a frame's time. ``json``: None for no such file. ``cut``: of
    an ONNX model.
    """

    model: StagedModel
    cut: CutModel | None
    frames: int
    overhead: float
    seed: int
    store_image: bool
    yaml: Path
    png: Path
    json: Path | None

    @classmethod
    def checked(
        cls,
        *,
        model: str,
        device: str = 'cpu',
        frames: int,
        overhead: float,
        seed: int,
        store_image: bool,
        out: Path,
        yaml: Path | None,
        png: Path | None,
        json: Path | None,
    ) -> PlanRequest:
        """
        Check every choice; ``out`` is made where a file goes there.

        :raises PlanError: for a model, number or file that cannot be used.
        """
        if frames < 1:
            raise PlanError(f'--frames is {frames}; accepted: at least 1')
        if seed < 0:
            raise PlanError(f'--seed is {seed}; accepted: at least 0')
        if not (math.isfinite(overhead) and 0 <= overhead <= MOST_PERCENT):
            raise PlanError(f'--overhead is {overhead:g}; accepted: 0 to {MOST_PERCENT:g} percent')
        try:
            loaded, cut = load_planned(model, device)
            if yaml is None or png is None:
                out.mkdir(parents=True, exist_ok=True)
        except (ValueError, OSError) as error:
            raise PlanError(str(error)) from None
        files = (yaml or out / 'plan.yaml', png or out / 'plan.png', json)
        for file in files:
            if file is not None and (file.is_dir() or not file.resolve().parent.is_dir()):
                raise PlanError(
                    f"'{file}' cannot be written; accepted: a file in a folder there is"
                )
        return cls(
            model=loaded,
            cut=cut,
            frames=frames,
            overhead=overhead,
            seed=seed,
            store_image=store_image,
            yaml=files[0],
            png=files[1],
            json=json,
        )
