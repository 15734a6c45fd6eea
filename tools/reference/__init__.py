# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The reference pages, made from the code."""
