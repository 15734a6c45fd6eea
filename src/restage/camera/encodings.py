# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The sensor_msgs/Image encodings that can be read, and how OpenCV names each step."""

from __future__ import annotations

from dataclasses import dataclass

import cv2


@dataclass(frozen=True)
class Encoding:
    """
    One encoding: its channels, their size, and cv2's conversion code to BGR.

    ``to_bgr`` is None where the pixels are BGR as they are.
    """

    channels: int
    to_bgr: int | None
    bytes_per_channel: int = 1

    @property
    def pixel_bytes(self) -> int:
        """Bytes a pixel takes."""
        return self.channels * self.bytes_per_channel


# ROS names a Bayer pattern by the first two rows from the top left, as cv2's four-letter codes
# do; 'yuv422' is the old ROS name of uyvy, 'yuv422_yuy2' that of yuyv.
ENCODINGS = {
    'bgr8': Encoding(3, None),
    'rgb8': Encoding(3, cv2.COLOR_RGB2BGR),
    'bgra8': Encoding(4, cv2.COLOR_BGRA2BGR),
    'rgba8': Encoding(4, cv2.COLOR_RGBA2BGR),
    'mono8': Encoding(1, cv2.COLOR_GRAY2BGR),
    'mono16': Encoding(1, cv2.COLOR_GRAY2BGR, bytes_per_channel=2),
    'bayer_rggb8': Encoding(1, cv2.COLOR_BayerRGGB2BGR),
    'bayer_bggr8': Encoding(1, cv2.COLOR_BayerBGGR2BGR),
    'bayer_gbrg8': Encoding(1, cv2.COLOR_BayerGBRG2BGR),
    'bayer_grbg8': Encoding(1, cv2.COLOR_BayerGRBG2BGR),
    'uyvy': Encoding(2, cv2.COLOR_YUV2BGR_UYVY),
    'yuv422': Encoding(2, cv2.COLOR_YUV2BGR_UYVY),
    'yuyv': Encoding(2, cv2.COLOR_YUV2BGR_YUY2),
    'yuv422_yuy2': Encoding(2, cv2.COLOR_YUV2BGR_YUY2),
}
