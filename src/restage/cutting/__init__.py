# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Cutting networks of any framework into stages."""
