# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What the documentation shows, held against what there is."""
