# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What several commands say."""

MODEL_HELP = (
    "'bundled' (default), 'bundled-hardened', weights for them (.safetensors), an ONNX file, "
    'an exported PyTorch program (.pt2), or a description of one of these (.yaml)'
)
