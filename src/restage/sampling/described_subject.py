# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A model in a file (ONNX, an exported program, a description) as the subject of a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from restage.models.assemble import assemble
from restage.models.description import description_for
from restage.models.network import cuts_of, network_of
from restage.sampling.pictures import pictures_of
from restage.sampling.staged_subject import staged_subject
from restage.sampling.subject import Subject
from restage.stages.model import State


def described_subject(path: Path, sources: Sequence[str], count: int) -> Subject:
    """
    Return the model in the file at ``path``, in the stages that a detection node has, too.

    :param sources: of ``count`` pictures to run it on.
    :raises ModelError: when it cannot be used.
    :raises SourceError: when a source cannot be opened.
    :raises SamplingError: when it detects nothing in the pictures.
    """
    description = description_for(path)
    network = network_of(description)
    model = assemble(description, network, cuts_of(description, network))

    def slopes(clean: Sequence[State]) -> dict[str, torch.Tensor]:
        return dict(network.gradients([state[network.picture] for state in clean]))

    return staged_subject(model, pictures_of(sources, count), slopes, network.layers())
