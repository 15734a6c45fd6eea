# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""GPUs: which one, how tensors get there and back, and what its errors mean."""
