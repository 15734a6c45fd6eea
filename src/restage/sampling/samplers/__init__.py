# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How the next faults of a campaign are chosen, each with its probability."""
