# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the nodes say about themselves on /diagnostics, without ROS."""
