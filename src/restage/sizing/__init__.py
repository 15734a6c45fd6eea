# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What one model costs: its frames, checkpoints, weights and recoveries, measured."""
