# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where an ONNX model is cut into stages: by times measured here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from restage.models.assemble import assemble, cuts_of, graph_of
from restage.models.description import Description, description_for
from restage.onnx_backend.cuts import Cut
from restage.onnx_backend.split import Graph
from restage.onnx_backend.timing import by_measurement
from restage.stages.loading import ONNX_SUFFIXES, load_model
from restage.stages.model import StagedModel, State


@dataclass(frozen=True)
class CutModel:
    """A graph, and the places where it is cut."""

    description: Description
    graph: Graph
    cuts: tuple[Cut, ...]


def load_planned(spec: str) -> tuple[StagedModel, CutModel | None]:
    """
    Return the model that ``spec`` names; an ONNX model is cut anew, unless it says where.

    :raises ValueError: when it cannot be used.
    """
    path = Path(spec).expanduser()
    if path.suffix not in ONNX_SUFFIXES:
        return load_model(spec), None
    description = description_for(path)
    graph = graph_of(description)
    cuts = cuts_of(description, graph)
    if description.cuts is None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            cuts = by_measurement(graph, description.stages, live=description.live)
        finally:
            torch.set_num_threads(threads)
    return assemble(description, graph, cuts), CutModel(description, graph, tuple(cuts))


def bit_identical(model: StagedModel, image: torch.Tensor) -> bool | None:
    """Return whether the stages make of ``image`` what the uncut network makes; None: unknown."""
    if model.whole is None:
        return None
    state: State = {'image': image}
    first = True
    whole: State = {}
    for stage in model.stages:
        with torch.inference_mode():
            state.update(stage.run({name: state[name] for name in stage.inputs}))
        if first:
            whole = model.whole({name: state[name].clone() for name in stage.outputs})
            first = False
    return all(_same(tensor, state[name]) for name, tensor in whole.items())


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    pair = [tensor.contiguous().reshape(-1).view(torch.uint8) for tensor in (one, other)]
    return torch.equal(*pair)
