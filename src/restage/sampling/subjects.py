# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a name to the model a campaign injects into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from restage.coverage.frames import ROAD
from restage.detector.weights import load_network
from restage.sampling.classifier.digits import Digits, load_digits
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.weights import NETWORKS, load_classifier
from restage.sampling.described_subject import described_subject
from restage.sampling.detector_subject import subject_of
from restage.sampling.engine import Engine
from restage.sampling.errors import SamplingError, not_accepted
from restage.sampling.fault_model import FaultModel
from restage.sampling.pictures import pictures_of
from restage.sampling.settings import SampleSettings
from restage.sampling.space import FaultSpace
from restage.sampling.storage import Storage
from restage.sampling.subject import Subject
from restage.shipped import SHIPPED
from restage.stages.loading import DESCRIBED

IMAGES, FRAMES = 200, 14


def load_subject(spec: str, images: int, sources: Sequence[str] = (ROAD,)) -> Subject:
    """
    Return ``resnet`` or ``vgg`` with held-out digits, or a detector with pictures of ``sources``.

    A detector is a bundled one, or what a detection node loads: an ONNX file, an exported program,
    a description of one of these. ``NAME=FILE``: the model ``NAME`` with other weights.

    :param images: 0: as many as are usual.
    :raises SamplingError: for another name, more images than there are, or pictures in which
        nothing is detected.
    :raises ModelError: when the file of the detector cannot be used.
    :raises SourceError: when a source cannot be opened.
    """
    name, _, file = spec.partition('=')
    weights = Path(file).expanduser() if file else None
    if name in NETWORKS:
        if tuple(sources) != (ROAD,):
            raise SamplingError(f"'{name}' tells digits; accepted with --source: detectors")
        return _classifier(name, weights, images or IMAGES)
    if name in SHIPPED:
        network = load_network(weights or SHIPPED[name])
        return subject_of(network, pictures_of(sources, images or FRAMES))
    path = Path(spec).expanduser()
    if path.suffix not in DESCRIBED:
        files = (f'FILE{suffix}' for suffix in DESCRIBED)
        raise not_accepted('model', spec, (*NETWORKS, *SHIPPED, *files))
    return described_subject(path, sources, images or FRAMES)


def _classifier(name: str, weights: Path | None, images: int) -> Subject:
    network = load_classifier(name, weights)
    digits = load_digits(held_out=True)
    if images > len(digits.labels):
        raise SamplingError(f'{images} images; accepted: at most {len(digits.labels)}')
    return classifier_subject(name, network, Digits(digits.images[:images], digits.labels[:images]))


def make_engine(settings: SampleSettings) -> Engine:
    """
    Return the engine of a campaign.

    :raises SamplingError: when the model or the images cannot be used.
    """
    return Engine(
        load_subject(settings.model, settings.images, settings.sources),
        settings.target,
        FaultModel(kind=settings.fault, bits=settings.bits),
        Storage(settings.number_format),
    )


def population(settings: SampleSettings, engine: Engine) -> FaultSpace:
    """Return the faults that samplers choose from: all, or those in so many elements."""
    return engine.space.subset(settings.elements, settings.seed)
