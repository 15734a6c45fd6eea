# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Random faults for hours, and the invariants that must hold all the while."""
