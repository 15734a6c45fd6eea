# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzz one input with atheris: python tools/fuzz/one.py TARGET CORPUS [libFuzzer options]."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'test' / 'fuzz'))

with atheris.instrument_imports(include=['restage', 'targets', 'yaml', 'rosbags', 'jsonschema']):
    import targets


def main() -> None:
    """Fuzz until the options say that it is enough; an input that is not handled ends it."""
    name, corpus, *options = sys.argv[1:]
    target = targets.TARGETS[name]
    folder = Path(tempfile.mkdtemp(prefix='restage-fuzz-'))
    for number, seed in enumerate(target.seeds(folder)):
        (Path(corpus) / f'seed-{number}').write_bytes(seed)
    atheris.Setup([sys.argv[0], corpus, *options], lambda data: target(data, folder))
    atheris.Fuzz()


if __name__ == '__main__':
    main()
