# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""``restage export``: the bundled detector as an ONNX file with its description."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = 'write the bundled detector as an ONNX file, and its description beside it'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument('out', type=Path, metavar='FILE.onnx', help='where to')
    parser.add_argument(
        '--weights', type=Path, metavar='FILE', help='other weights of it (.safetensors)'
    )


def run(args: argparse.Namespace) -> int:
    """Export; 0 done, 2 bad usage."""
    from restage.detector.export import export

    try:
        written = export(args.out, args.weights)
    except (ValueError, OSError) as error:
        print(f'restage export: {error}', file=sys.stderr)
        return 2
    print(f'written: {", ".join(map(str, written))}')
    return 0
