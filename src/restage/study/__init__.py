# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What memory-related programming errors of applications do to deep-learning frameworks."""
