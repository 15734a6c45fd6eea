# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of a stream of images, between a camera and who uses it."""
