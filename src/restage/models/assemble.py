# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a description to a staged model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
import xxhash

from restage.detector.errors import ModelError
from restage.models.decoders import DECODERS, make_decoder
from restage.models.description import Description
from restage.models.input import Preprocess
from restage.models.select import select
from restage.onnx_backend.cuts import Cut
from restage.onnx_backend.graph import load_line
from restage.onnx_backend.session import PieceSession
from restage.onnx_backend.split import Graph, by_arithmetic, study
from restage.stages.model import Stage, StagedModel, State

GEOMETRY = 'geometry'


def load_described(description: Description) -> StagedModel:
    """
    Return the model that ``description`` describes, in stages.

    :raises ModelError: when its file, or something in it, cannot be used.
    """
    graph = graph_of(description)
    return assemble(description, graph, cuts_of(description, graph))


def graph_of(description: Description) -> Graph:
    """
    Return the graph of the model, run once on a grey picture.

    :raises ModelError: when it cannot be used.
    """
    line = load_line(description.file)
    width, height = description.input.size
    grey = torch.full((height, width, 3), 114, dtype=torch.uint8)
    x, _ = Preprocess(description.input)(grey)
    if len(line.inputs) != 1:
        raise ModelError(
            f"'{description.file}' has the inputs {', '.join(line.inputs)}; accepted: one picture"
        )
    return study(line, {line.inputs[0]: x.numpy()})


def cuts_of(description: Description, graph: Graph) -> list[Cut]:
    """Return the cuts that the description names, else some for stages of about one size."""
    if description.cuts is not None:
        return graph.named(description.cuts)
    return by_arithmetic(graph, description.stages)


def assemble(description: Description, graph: Graph, cuts: Sequence[Cut]) -> StagedModel:
    """
    Return the model in stages: ``preprocess``, ``part.0``..., ``decode``.

    :raises ModelError: when the decoder and the outputs of the network do not fit.
    """
    weights = graph.weights
    picture = graph.line.inputs[0]
    stages = [_stage('preprocess', ('image',), (picture, GEOMETRY), _first(description))]
    sessions = []
    for number, piece in enumerate(graph.pieces(cuts)):
        session = PieceSession(piece, weights, live=description.live)
        sessions.append(session)
        own = tuple(name for name in piece.weights if name in weights) if description.live else ()
        run = _Part(session, piece.inputs)
        stages.append(_stage(f'part.{number}', piece.inputs, piece.outputs, run, own))
    names = _outputs(description, graph)
    stages.append(
        _stage(
            'decode',
            (*names, GEOMETRY),
            ('detections', 'support'),
            _last(description, graph, names),
        )
    )
    return StagedModel(
        name=description.name,
        stages=tuple(stages),
        class_names=description.classes or _numbered(description, graph, names),
        input_size=description.input.size,
        weights=weights if description.live else {},
        source=_fingerprint(graph, cuts),
        moved=_forget(sessions),
        boundaries=_proposed(stages),
        whole=_Whole(graph, weights, description.live),
    )


def _forget(sessions: Sequence[PieceSession]) -> Callable[[], None]:
    def forget() -> None:
        for session in sessions:
            session.forget()

    return forget


def _proposed(stages: Sequence[Stage]) -> tuple[str, ...]:
    """Propose checkpoints behind a third and two thirds of the parts of the network."""
    parts = [stage.name for stage in stages[1:-1]]
    return tuple(dict.fromkeys(parts[len(parts) * third // 3 - 1] for third in (1, 2)))[
        : len(parts) - 1
    ]


class _Whole:
    """The network in one piece."""

    def __init__(self, graph: Graph, weights: Mapping[str, torch.Tensor], live: bool) -> None:
        (self._piece,) = graph.pieces(())
        self._session = PieceSession(self._piece, weights, live=live)

    def __call__(self, state: State) -> State:
        self._session.forget()  # the weights may have moved
        return dict(zip(self._piece.outputs, self._session.run(state), strict=True))


Call = Callable[..., tuple[torch.Tensor, ...]]


def _stage(
    name: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    call: Call,
    weights: tuple[str, ...] = (),
) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        made = call(*(state[key] for key in inputs))
        return dict(zip(outputs, made, strict=True))

    return Stage(name=name, inputs=inputs, outputs=outputs, run=run, weights=weights)


class _Part:
    """A piece of the network as a function of its inputs."""

    def __init__(self, session: PieceSession, inputs: tuple[str, ...]) -> None:
        self._session = session
        self._inputs = inputs

    def __call__(self, *values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self._session.run(dict(zip(self._inputs, values, strict=True)))


def _first(description: Description) -> Call:
    return Preprocess(description.input)


def _last(description: Description, graph: Graph, names: tuple[str, ...]) -> Call:
    try:
        decoder = make_decoder(description.kind, description.input.size, description.options)
        decoder([torch.from_numpy(graph.sample[name]) for name in names])
    except (ValueError, TypeError) as error:
        raise ModelError(f"decoder '{description.kind}' of '{description.name}': {error}") from None

    def decode(*state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        boxes, scores = decoder(state[:-1])
        return select(boxes, scores, state[-1], description.selection)

    return decode


def _outputs(description: Description, graph: Graph) -> tuple[str, ...]:
    names = description.outputs or graph.line.outputs
    wanted = DECODERS[description.kind].outputs
    unknown = [name for name in names if name not in graph.line.outputs]
    if unknown or len(names) != wanted:
        raise ModelError(
            f"decoder '{description.kind}' of '{description.name}' gets the outputs "
            f'{", ".join(names)}; accepted: {wanted} of {", ".join(graph.line.outputs)}'
        )
    return names


def _numbered(description: Description, graph: Graph, names: tuple[str, ...]) -> tuple[str, ...]:
    decoder = make_decoder(description.kind, description.input.size, description.options)
    _, scores = decoder([torch.from_numpy(graph.sample[name]) for name in names])
    return tuple(f'class {number}' for number in range(scores.shape[1]))


def _fingerprint(graph: Graph, cuts: Sequence[Cut]) -> str:
    """Return what tells this graph, cut like this, from others: checkpoints fit no other."""
    state = xxhash.xxh3_64(graph.line.model.SerializeToString(deterministic=True))
    state.update(np.asarray([cut.position for cut in cuts], np.int64).tobytes())
    return state.hexdigest()
