# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults: what can be injected, the engine that injects it, and scenarios of them."""
