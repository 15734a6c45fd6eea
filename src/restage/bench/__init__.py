# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Recovery latency by fault class and recovery arm, measured over the running system."""
