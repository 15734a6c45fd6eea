# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How many faults of the network the error detectors see: an injection campaign."""
