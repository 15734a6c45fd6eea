# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A model to be measured, as the nodes will load it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restage.plan.graph_cuts import load_planned
from restage.stages.model import StagedModel


@dataclass(frozen=True, kw_only=True)
class Subject:
    """
    ``spec``: what `load_model` takes; ``model``: what that gives, cut like this.

    ``title``: for people.
    """

    title: str
    spec: str
    model: StagedModel

    @classmethod
    def of(cls, spec: str, folder: Path, title: str = '') -> Subject:
        """
        Load the model that ``spec`` names; one of others is cut by measured times.

        ``folder``: where its description with these cuts is written, for the nodes.

        :raises ValueError: when the model cannot be used.
        :raises OSError: when the description cannot be written.
        """
        model, cut = load_planned(spec)
        if cut is not None:
            described = folder / f'{model.name}.cut.yaml'
            cut.description.save([one.name for one in cut.cuts], described)
            spec = str(described)
        elif Path(spec).suffix:
            spec = str(Path(spec).resolve())
        return cls(title=title or model.name, spec=spec, model=model)
