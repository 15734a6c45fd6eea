# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The fault-free run on the same frames, to compare every published output with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from vision_msgs.msg import Detection2DArray

from restage.camera.frame import FrameSource
from restage.nodes.messages import detections_message, header_of
from restage.stages.model import StagedModel
from restage.stages.runner import StageRunner


def as_array(message: Detection2DArray) -> NDArray[np.float64]:
    """
    Return a message as float64, N x 6: centre x, y, width, height, score, class id.

    Other detectors may tell classes by name, or no class: then the id is -1, and the score 0
    where there is none.
    """
    rows = []
    for found in message.detections:
        box, best = found.bbox, found.results[0].hypothesis if found.results else None
        centre = box.center.position
        number = best.class_id if best is not None and best.class_id.isdecimal() else '-1'
        score = best.score if best is not None else 0.0
        rows.append((centre.x, centre.y, box.size_x, box.size_y, score, float(number)))
    return np.array(rows, np.float64).reshape(-1, 6)


@dataclass(frozen=True)
class Golden:
    """
    The fault-free output of one source frame; its image only where it was asked for.

    ``detections`` is None where outputs are not compared.
    """

    detections: NDArray[np.float64] | None
    image: NDArray[np.uint8] | None


def fault_free(
    model: StagedModel | None,
    source: FrameSource,
    indices: Iterable[int],
    keep_image: Callable[[int], bool],
) -> Iterator[tuple[int, Golden]]:
    """
    Run the model without any fault on the frames ``indices`` of ``source``; yield them in order.

    Without a ``model`` there are only images. One thread, as in the nodes: another number may sum
    in another order.
    """
    torch.set_num_threads(1)
    runner = StageRunner(model) if model is not None else None
    wanted = set(indices)
    if not wanted:
        return
    last = max(wanted)
    frames = source.frames()
    try:
        for frame in frames:
            if frame.index in wanted:
                image = np.require(frame.image, requirements=['C', 'W'])
                kept = image if keep_image(frame.index) else None
                yield frame.index, Golden(_detections(runner, image), kept)
            if frame.index >= last:
                return
    finally:
        frames.close()


def _detections(runner: StageRunner | None, image: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    if runner is None:
        return None
    found = runner.run_all(torch.from_numpy(image))['detections']
    return as_array(detections_message(header_of(0, ''), found))
