# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How networks of different families say what they see: a decoder for each, by its name."""

from restage.models.decoders.registry import DECODERS, Decoded, Decoder, make_decoder

__all__ = ['DECODERS', 'Decoded', 'Decoder', 'make_decoder']
