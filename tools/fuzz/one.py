# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzz one input with atheris: python tools/fuzz/one.py TARGET CORPUS [libFuzzer options]."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'test'))

with atheris.instrument_imports(
    include=['restage', 'fuzz', 'yaml', 'rosbags', 'mcap', 'jsonschema']
):
    from fuzz.changes import changed
    from fuzz.target import Target
    from fuzz.targets import TARGETS

# So often the form is kept, where there is one; else the bytes are changed.
IN_FORM = 0.8
# Counted so often, and told to who reads the output.
TOLD_EVERY = 100


def mutator(target: Target):  # type: ignore[no-untyped-def]
    """Return what libFuzzer is to change an input with."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < IN_FORM:
            found = changed(data, target.form, random)
            if found is not None and len(found) <= most:
                return found
        return bytes(atheris.Mutate(data, most))

    return mutate


def main() -> None:
    """Fuzz until the options say that it is enough; an input that is not handled ends it."""
    name, corpus, *options = sys.argv[1:]
    target = TARGETS[name]
    # What libraries say of bad input would be all there is to see.
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix='restage-fuzz-'))
    for number, seed in enumerate(target.seeds(folder)):
        (Path(corpus) / f'seed-{number}').write_bytes(seed)
    counts = [0, 0]

    def test(data: bytes) -> None:
        counts[0] += 1
        counts[1] += target(data, folder)
        if counts[0] % TOLD_EVERY == 0:
            print(f'accepted: {counts[1]} of {counts[0]}', flush=True)

    more = {'custom_mutator': mutator(target)} if target.form else {}
    atheris.Setup([sys.argv[0], corpus, *options], test, **more)
    atheris.Fuzz()


if __name__ == '__main__':
    main()
