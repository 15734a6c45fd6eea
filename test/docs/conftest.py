# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The tools that check the documentation are beside the package, not in it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))
