# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of faults, class by class: names, mechanisms, parameters."""
