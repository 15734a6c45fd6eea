# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Small classifiers of handwritten digits: the kind of task that ISimDL was shown on."""
