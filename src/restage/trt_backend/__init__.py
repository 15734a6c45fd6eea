# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX graphs as stages that TensorRT runs, on a GPU or a DLA."""
