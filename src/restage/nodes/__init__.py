# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The ROS 2 nodes; thin over the rest of the package."""
