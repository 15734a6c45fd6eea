# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where to checkpoint: measured costs, the optimal boundaries under a cap, and the plan file."""
