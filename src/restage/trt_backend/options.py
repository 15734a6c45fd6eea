# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How engines are built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from restage.detector.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """
    What an engine is built for.

    ``fp16``: half precision where that is faster. ``dla_core``: None for the GPU; what the core
    cannot do, the GPU does. ``workspace_mb``: most memory for the work of one layer. ``cache``:
    the folder of built engines.

    :raises ModelError: for a core without half precision, which is all that it computes in.
    """

    fp16: bool = False
    dla_core: int | None = None
    workspace_mb: int = 1024
    cache: Path = Path('~/.cache/restage/tensorrt')

    def __post_init__(self) -> None:
        """Check what belongs together."""
        if self.dla_core is not None and not self.fp16:
            raise ModelError('dla_core without fp16; accepted: both, a DLA has no single precision')
