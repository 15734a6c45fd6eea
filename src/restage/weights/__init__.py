# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Weights in shared memory: one clean copy for all nodes; checked, and brought back."""
