# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Python's garbage collector, kept from stopping a node for longer than a stage may take."""

from __future__ import annotations

import gc


def keep_for_good() -> None:
    """
    Take what there is now out of the reach of the garbage collector.

    PyTorch alone makes 180 000 objects, an exported program as many again. Looking through them
    stops every thread for 0.1 to 0.2 s: a node that is well would be taken for hung.
    """
    gc.unfreeze()  # a node may be configured again: what is no longer needed goes
    gc.collect()
    gc.freeze()
