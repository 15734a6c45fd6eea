# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Networks that the project makes itself, to measure what a model of some size costs."""
