# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Recordings: the topics of a run as a rosbag2 (MCAP), and back."""
