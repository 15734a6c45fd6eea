# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Making a network less vulnerable: fault-aware training, clipping, and what they are worth."""
