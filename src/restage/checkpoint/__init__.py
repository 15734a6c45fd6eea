# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Crash-consistent checkpoints of the inference in shared memory."""
