# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Models side by side: what each costs, and how long its recoveries take."""
