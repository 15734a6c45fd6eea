# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From a name to the model a campaign injects into."""

from __future__ import annotations

from pathlib import Path

from restage.sampling.classifier.digits import Digits, load_digits
from restage.sampling.classifier.subject import classifier_subject
from restage.sampling.classifier.weights import NETWORKS, load_classifier
from restage.sampling.detector_subject import detector_subject
from restage.sampling.engine import Engine
from restage.sampling.errors import SamplingError, not_accepted
from restage.sampling.fault_model import FaultModel
from restage.sampling.settings import SampleSettings
from restage.sampling.space import FaultSpace
from restage.sampling.storage import Storage
from restage.sampling.subject import Subject
from restage.shipped import SHIPPED

IMAGES, FRAMES = 200, 14


def load_subject(spec: str, images: int) -> Subject:
    """
    Return ``resnet`` or ``vgg`` with held-out digits, or a bundled detector with held-out frames.

    ``NAME=FILE``: the same with other weights.

    :param images: 0: as many as are usual.
    :raises SamplingError: for another name, or more images than there are.
    :raises ModelError: when the weights of the detector cannot be used.
    """
    name, _, file = spec.partition('=')
    weights = Path(file).expanduser() if file else None
    if name in SHIPPED:
        return detector_subject(weights or SHIPPED[name], images or FRAMES)
    if name not in NETWORKS:
        raise not_accepted('model', spec, (*NETWORKS, *SHIPPED))
    network = load_classifier(name, weights)
    digits = load_digits(held_out=True)
    images = images or IMAGES
    if images > len(digits.labels):
        raise SamplingError(f'{images} images; accepted: at most {len(digits.labels)}')
    return classifier_subject(name, network, Digits(digits.images[:images], digits.labels[:images]))


def make_engine(settings: SampleSettings) -> Engine:
    """
    Return the engine of a campaign.

    :raises SamplingError: when the model or the images cannot be used.
    """
    return Engine(
        load_subject(settings.model, settings.images),
        settings.target,
        FaultModel(kind=settings.fault, bits=settings.bits),
        Storage(settings.number_format),
    )


def population(settings: SampleSettings, engine: Engine) -> FaultSpace:
    """Return the faults that samplers choose from: all, or those in so many elements."""
    return engine.space.subset(settings.elements, settings.seed)
