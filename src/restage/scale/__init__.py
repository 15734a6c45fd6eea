# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How the costs of checkpoints and recoveries grow with the model."""
