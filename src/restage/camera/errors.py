# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a source or an image; every message names the value and the choice."""


class SourceError(ValueError):
    """A source cannot be opened or read on: the message says which and what is accepted."""


class ImageError(ValueError):
    """An image's fields or bytes do not fit together, or cannot be decoded."""


class EncodingError(ImageError):
    """An image's encoding is not one that can be read (a later image will not be either)."""
