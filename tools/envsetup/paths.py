# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where things are."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / '.venv'
VENV_PYTHON = VENV / 'bin' / 'python'
REQUIREMENTS = ROOT / 'requirements'
WORKSPACE = ROOT / 'ros_ws'
INSTALL = WORKSPACE / 'install'
SITE = f'lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages'
