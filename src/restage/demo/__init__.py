# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The demonstration: run the system under faults, check every frame, report."""
