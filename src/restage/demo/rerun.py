# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether outputs of a recorded run can be compared with a fault-free run here and now."""

from __future__ import annotations

from restage.demo.recorded import RecordedRun
from restage.recording.pictures import LOSSLESS
from restage.recording.reader import Recording
from restage.recording.run_description import model_digest
from restage.report.machine import machine, versions
from restage.stages.loading import load_model
from restage.stages.model import StagedModel


def comparable_model(
    recording: Recording, run: RecordedRun, model: str
) -> tuple[StagedModel | None, str]:
    """
    Return the model to run, or why there is none that would give the same bits.

    :param model: where the model is now; empty: where it was.
    """
    images = str(recording.start.get('images', ''))
    if not recording.start:
        return None, 'the recording does not say which model and which machine it is of'
    if images not in LOSSLESS:
        return None, 'no images were recorded' if images == 'none' else (
            f'images were recorded as {images.upper()}'
        )
    spec = model or run.model
    if model_digest(spec) != run.run.get('model_digest'):
        return None, f"'{spec}' is not the model that was recorded; name it with --model"
    here = (machine()['processor'], versions().get('torch'))
    there = (
        recording.start.get('machine', {}).get('processor'),
        recording.start.get('versions', {}).get('torch'),
    )
    if here != there:
        return None, f'recorded on {there[0]} with PyTorch {there[1]}, this is {here[0]}, {here[1]}'
    try:
        return load_model(spec), ''
    except ValueError as error:
        return None, str(error)
