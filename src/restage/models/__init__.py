# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Models of others: what goes in, what comes out, described in YAML."""
