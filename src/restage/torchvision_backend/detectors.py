# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""torchvision's detectors: SSD, RetinaNet and Faster R-CNN, for one picture of a fixed size.

Source: the ``forward`` of torchvision.models.detection.ssd.SSD, retinanet.RetinaNet and
generalized_rcnn.GeneralizedRCNN, in evaluation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from restage.detector.errors import ModelError
from restage.torchvision_backend.backbones import Features, backbone
from restage.torchvision_backend.steps import PICTURE, Steps

OUTPUTS = ('boxes', 'scores', 'labels')
Found = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Fixed:
    """
    What is the same for all pictures of one size.

    ``images``: their sizes, as torchvision hands them on. ``blank``: tensors of the shapes of the
    features. ``finish``: maps what was found to pixels of the picture.
    """

    images: Any
    blank: list[torch.Tensor]
    finish: Callable[[list[dict[str, torch.Tensor]]], Found]


def lay_out(steps: Steps, torchvision: Any, model: Any) -> None:
    """
    Add the steps of ``model``, whose outputs are ``OUTPUTS``.

    :raises ModelError: for a detector that is none of those.
    """
    detection = torchvision.models.detection
    tails = {
        detection.ssd.SSD: _ssd,
        detection.retinanet.RetinaNet: _retinanet,
        detection.faster_rcnn.FasterRCNN: _faster_rcnn,
    }
    tail = tails.get(type(model))
    if tail is None:
        accepted = ', '.join(kind.__name__ for kind in tails)
        raise ModelError(f'torchvision.model is a {type(model).__name__}; accepted: {accepted}')

    def transform(picture: torch.Tensor) -> tuple[torch.Tensor, ...]:
        images, _ = model.transform([picture[0]])
        return (images.tensors,)

    (x,) = steps.add('transformed', (PICTURE,), transform)
    features = backbone(steps, model.backbone, x)
    picture = steps.values[PICTURE]
    images, _ = model.transform([picture[0]])
    images.tensors = _shape_of(images.tensors)
    blank = [_shape_of(steps.values[name]) for name in features.values()]
    rows, columns = picture.shape[2:]

    def finish(found: list[dict[str, torch.Tensor]]) -> Found:
        (one,) = model.transform.postprocess(found, images.image_sizes, [(rows, columns)])
        return one['boxes'], one['scores'], one['labels']

    tail(steps, model, features, Fixed(images, blank, finish))


def _shape_of(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor of that shape, type and device, of which the elements are one."""
    return tensor.new_zeros(()).expand(tensor.shape)


def _heads(steps: Steps, model: Any, features: Features) -> tuple[str, ...]:
    names = ('cls_logits', 'bbox_regression')

    def call(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        made = model.head(list(tensors))
        return tuple(made[name] for name in names)

    return steps.add(names, tuple(features.values()), call, (model.head,))


def _ssd(steps: Steps, model: Any, features: Features, fixed: Fixed) -> None:
    def call(logits: torch.Tensor, boxes: torch.Tensor) -> Found:
        heads = {'cls_logits': logits, 'bbox_regression': boxes}
        anchors = model.anchor_generator(fixed.images, fixed.blank)
        return fixed.finish(model.postprocess_detections(heads, anchors, fixed.images.image_sizes))

    steps.add(OUTPUTS, _heads(steps, model, features), call)


def _retinanet(steps: Steps, model: Any, features: Features, fixed: Fixed) -> None:
    def call(logits: torch.Tensor, boxes: torch.Tensor) -> Found:
        anchors = model.anchor_generator(fixed.images, fixed.blank)
        places = [level.shape[2] * level.shape[3] for level in fixed.blank]
        each = logits.shape[1] // sum(places)
        sizes = [each * place for place in places]
        heads = {
            'cls_logits': list(torch.split(logits, sizes, dim=1)),
            'bbox_regression': list(torch.split(boxes, sizes, dim=1)),
        }
        levels = [list(one.split(sizes)) for one in anchors]
        return fixed.finish(model.postprocess_detections(heads, levels, fixed.images.image_sizes))

    steps.add(OUTPUTS, _heads(steps, model, features), call)


def _faster_rcnn(steps: Steps, model: Any, features: Features, fixed: Fixed) -> None:
    def proposals(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        made, _ = model.rpn(fixed.images, OrderedDict(zip(features, tensors, strict=True)), None)
        return tuple(made)

    def regions(*tensors: torch.Tensor) -> Found:
        *levels, proposed = tensors
        named = OrderedDict(zip(features, levels, strict=True))
        found, _ = model.roi_heads(named, [proposed], fixed.images.image_sizes, None)
        return fixed.finish(found)

    names = tuple(features.values())
    (proposed,) = steps.add('proposals', names, proposals, (model.rpn,))
    steps.add(OUTPUTS, (*names, proposed), regions, (model.roi_heads,))
