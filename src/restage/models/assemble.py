# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a description to a staged model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
import xxhash

from restage.accelerator.choice import CPU
from restage.accelerator.placement import on_host
from restage.cutting.network import Cut, Network, Part
from restage.detector.errors import ModelError
from restage.models.decoders import DECODERS, make_decoder
from restage.models.description import Description
from restage.models.input import Preprocess
from restage.models.network import cuts_of, network_of
from restage.models.select import select
from restage.stages.model import Stage, StagedModel, State

GEOMETRY = 'geometry'
Call = Callable[..., tuple[torch.Tensor, ...]]


def load_described(description: Description, device: torch.device = CPU) -> StagedModel:
    """
    Return the model that ``description`` describes, in stages that compute on ``device``.

    :raises ModelError: when its file, or something in it, cannot be used.
    """
    network = network_of(description, device)
    return assemble(description, network, cuts_of(description, network))


def assemble(description: Description, network: Network, cuts: Sequence[Cut]) -> StagedModel:
    """
    Return the model in stages: ``preprocess``, ``part.0``..., ``decode``.

    :raises ModelError: when the decoder and the outputs of the network do not fit.
    """
    outputs = (network.picture, GEOMETRY)
    stages = [_stage('preprocess', ('image',), outputs, Preprocess(description.input))]
    parts = network.parts(cuts)
    stages += [_part_stage(f'part.{number}', part) for number, part in enumerate(parts)]
    names = _outputs(description, network)
    decode, classes = _decode(description, network, names)
    decode = on_host(network.device, decode)
    stages.append(_stage('decode', (*names, GEOMETRY), ('detections', 'support'), decode))
    return StagedModel(
        name=description.name,
        stages=tuple(stages),
        class_names=description.classes or tuple(f'class {number}' for number in range(classes)),
        input_size=description.input.size,
        weights=network.weights,
        source=_fingerprint(network, cuts),
        moved=_forget(parts),
        boundaries=_proposed(stages),
        whole=_whole(network),
    )


def _stage(name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], call: Call) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        made = call(*(state[key] for key in inputs))
        return dict(zip(outputs, made, strict=True))

    return Stage(name=name, inputs=inputs, outputs=outputs, run=run)


def _part_stage(name: str, part: Part) -> Stage:
    def run(state: Mapping[str, torch.Tensor]) -> State:
        return dict(zip(part.outputs, part.run(state), strict=True))

    return Stage(name=name, inputs=part.inputs, outputs=part.outputs, run=run, weights=part.weights)


def _decode(description: Description, network: Network, names: tuple[str, ...]) -> tuple[Call, int]:
    """Return the last stage's function, tried on the sample, and how many classes it tells."""
    try:
        decoder = make_decoder(description.kind, description.input.size, description.options)
        _, tried = decoder([network.sample[name] for name in names])
    except (ValueError, TypeError) as error:
        raise ModelError(f"decoder '{description.kind}' of '{description.name}': {error}") from None

    def decode(*state: torch.Tensor) -> tuple[torch.Tensor, ...]:
        boxes, scores = decoder(state[:-1])
        return select(boxes, scores, state[-1], description.selection)

    return decode, tried.shape[1]


def _outputs(description: Description, network: Network) -> tuple[str, ...]:
    names = description.outputs or network.outputs
    wanted = DECODERS[description.kind].outputs
    unknown = [name for name in names if name not in network.outputs]
    if unknown or len(names) != wanted:
        raise ModelError(
            f"decoder '{description.kind}' of '{description.name}' gets the outputs "
            f'{", ".join(names)}; accepted: {wanted} of {", ".join(network.outputs)}'
        )
    return names


def _fingerprint(network: Network, cuts: Sequence[Cut]) -> str:
    """Return what tells this network, cut like this, from others: checkpoints fit no other."""
    state = xxhash.xxh3_64(network.fingerprint().encode())
    state.update(np.asarray([cut.position for cut in cuts], np.int64).tobytes())
    return state.hexdigest()


def _forget(parts: Sequence[Part]) -> Callable[[], None]:
    def forget() -> None:
        for part in parts:
            part.forget()

    return forget


def _proposed(stages: Sequence[Stage]) -> tuple[str, ...]:
    """Propose checkpoints behind a third and two thirds of the parts of the network."""
    parts = [stage.name for stage in stages[1:-1]]
    behind = dict.fromkeys(parts[len(parts) * third // 3 - 1] for third in (1, 2))
    return tuple(behind)[: len(parts) - 1]


def _whole(network: Network) -> Callable[[State], State]:
    def whole(state: State) -> State:
        (part,) = network.parts(())
        return dict(zip(part.outputs, part.run(state), strict=True))

    return whole
