# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fault-tolerant camera perception for ROS 2."""

import os

# OpenCV looks when it is loaded. A picture of a few bytes may claim the billion pixels that it
# would take by default, and their memory.
os.environ.setdefault('OPENCV_IO_MAX_IMAGE_PIXELS', str(2**27))
