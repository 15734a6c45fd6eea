# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""From image messages to frames in the queue."""

from __future__ import annotations

import time
from collections.abc import Callable

from sensor_msgs.msg import Image

from restage.camera.convert import message_to_bgr
from restage.camera.errors import ImageError
from restage.cameras import Cameras
from restage.nodes.stamps import frame_ns, to_ns
from restage.nodes.unusable import UnusableMessageError
from restage.stages.frame import FrameJob
from restage.stages.queue import FrameQueue
from restage.stages.reports import ReportState, StageReport


class ImageIntake:
    """
    Checks every image and queues it; what cannot be used, or found no room, goes to ``lost``.

    ``received`` counts all images, ``malformed`` those that could not be used.
    """

    def __init__(self, lost: Callable[[StageReport], None]) -> None:
        """Report lost frames to ``lost``."""
        self.received = 0
        self.malformed = 0
        self.last_error = ''
        self._lost = lost

    def receiver(self, queue: FrameQueue, cameras: Cameras, camera: int) -> Callable[[Image], None]:
        """Return the callback of the subscription to ``camera`` that feeds ``queue``."""
        return lambda message: self._on_image(message, queue, cameras, camera)

    def _on_image(self, message: Image, queue: FrameQueue, cameras: Cameras, camera: int) -> None:
        self.received += 1
        header_ns = to_ns(message.header.stamp)  # of whatever kind: the loss is told by it
        stamp_ns = cameras.key(header_ns, camera)
        frame_id = message.header.frame_id
        try:
            if not frame_ns(message.header.stamp):
                raise UnusableMessageError('its header has no stamp, which names the frame')
            image = message_to_bgr(message)
        except (ImageError, UnusableMessageError) as error:
            self.malformed += 1
            self.last_error = str(error)
            self._lose(stamp_ns, frame_id, 'malformed', self.last_error)
            return
        job = FrameJob(
            stamp_ns=stamp_ns,
            frame_id=frame_id,
            image=image,
            received_ns=time.monotonic_ns(),
            camera=camera,
            header_ns=header_ns,
        )
        lost = queue.put(job)
        if lost is job:
            self._lose(stamp_ns, frame_id, 'out_of_order', 'a newer frame came before it')
        elif lost is not None:
            self._lose(lost.stamp_ns, lost.frame_id, 'queue_full', 'newer frames were waiting')

    def _lose(self, stamp_ns: int, frame_id: str, detector: str, why: str) -> None:
        self._lost(
            StageReport(
                stamp_ns=stamp_ns,
                frame_id=frame_id,
                state=ReportState.DROPPED,
                monotonic_ns=time.monotonic_ns(),
                detector=detector,
                error=why,
            )
        )
