# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Campaigns that choose which faults of a network to inject, and what they may conclude."""
