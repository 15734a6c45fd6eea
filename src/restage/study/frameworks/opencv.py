# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""OpenCV's DNN module on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from restage.study.frameworks.framework import (
    INPUT_NAME,
    INPUT_SHAPE,
    OUTPUT_NAMES,
    Framework,
    Image,
    Outputs,
    Run,
    Session,
)
from restage.study.memory import Memory, address_of


class OpenCv(Framework):
    """The exported file, with the engine that OpenCV chooses."""

    name = 'opencv'
    distribution = 'opencv-python-headless'
    file = 'roadnet.onnx'
    route = 'cv2.dnn.readNetFromONNX, setInput, forward'
    copies = 'readNetFromONNX and getParam copy the weights'

    def imports(self) -> None:
        """Import cv2."""
        import cv2  # noqa: F401

    def load(self, folder: Path, threads: int) -> Session:
        """Return a session for the file."""
        import cv2

        cv2.setNumThreads(threads)
        return OpenCvSession(cv2.dnn.readNetFromONNX(str(folder / self.file)))


class OpenCvSession(Session):
    """A cv2.dnn.Net."""

    refusals: ClassVar[dict[str, str]] = {
        'lend': 'setInput copies the picture before it returns',
        'begin': 'forward returns new arrays when they are complete; no forwardAsync here',
        'use_closed': 'a Net cannot be closed, and what it returns are arrays of their own',
    }

    def __init__(self, net: Any) -> None:
        """Use ``net``."""
        self._net = net

    def infer(self, image: NDArray[Any]) -> Outputs:
        """Set the input, then forward."""
        self._net.setInput(image, INPUT_NAME)
        return [np.array(one) for one in self._net.forward(list(OUTPUT_NAMES))]

    def own_input(self, image: Image | None) -> tuple[Memory, Run]:
        """Use the blob that `blobFromImage` allocates, or an empty one."""
        import cv2

        if image is None:
            blob: NDArray[Any] = np.empty(INPUT_SHAPE, np.float32)
        else:
            blob = cv2.dnn.blobFromImage(np.ascontiguousarray(image[0].transpose(1, 2, 0)))
        return Memory(address_of(blob), blob.nbytes), lambda: self.infer(blob)

    def live_outputs(self, image: Image) -> Outputs:
        """Return the arrays as `forward` gives them."""
        self._net.setInput(image, INPUT_NAME)
        return list(self._net.forward(list(OUTPUT_NAMES)))

    def elsewhere(self, image: Image) -> Outputs:
        """Ask for CUDA, which this build of OpenCV does not have."""
        import cv2

        self._net.setPreferableBackend(cv2.dnn.DNN_BACKEND_CUDA)
        self._net.setPreferableTarget(cv2.dnn.DNN_TARGET_CUDA)
        return self.infer(image)
