# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""torchvision's detectors as stages."""
