# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Any ONNX graph as stages that ONNX Runtime runs."""
