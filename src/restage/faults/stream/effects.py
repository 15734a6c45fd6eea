# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What each kind of fault does to a passing image; the keys are those of the taxonomy.

An effect returns the image as it goes on, or None if it is lost, and what happened in words.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restage.faults.stream.passage import Moment, Passing

Effect = Callable[[Moment, Passing], tuple[Passing | None, str]]


def lose(_: Moment, _passing: Passing) -> tuple[None, str]:
    """Lose the image."""
    return None, 'lost'


def freeze(moment: Moment, passing: Passing) -> tuple[Passing, str]:
    """Send the pixels of the image before."""
    if moment.before is None or moment.before.shape != passing.pixels.shape:
        return passing, 'no image of this size before: unchanged'
    return passing.with_pixels(moment.before), 'pixels of the image before'


def hold_up(moment: Moment, passing: Passing) -> tuple[Passing, str]:
    """Send the image, and with it all behind it, late."""
    late_ms = moment.number('delay_ms')
    return passing.later(late_ms, overtaken=False), f'{late_ms:g} ms late'


def slow_down(moment: Moment, passing: Passing) -> tuple[Passing, str]:
    """Send the image late; others overtake it."""
    late_ms = moment.number('delay_ms')
    return passing.later(late_ms, overtaken=True), f'{late_ms:g} ms late'


def lose_rows(moment: Moment, passing: Passing) -> tuple[Passing, str]:
    """Replace the lower rows by those of the image before, or black."""
    rows = round(len(passing.pixels) * moment.number('fraction'))
    pixels = passing.pixels.copy()
    first = len(pixels) - rows
    same = moment.before is not None and moment.before.shape == pixels.shape
    pixels[first:] = moment.before[first:] if moment.before is not None and same else 0
    return passing.with_pixels(pixels), f'{rows} of {len(pixels)} rows lost'


def add_noise(moment: Moment, passing: Passing) -> tuple[Passing, str]:
    """Add noise to every value."""
    sigma = moment.number('sigma')
    noise = np.random.default_rng(moment.rng.getrandbits(64)).normal(
        0.0, sigma, passing.pixels.shape
    )
    noisy = np.clip(np.rint(passing.pixels + noise), 0, 255).astype(np.uint8)
    return passing.with_pixels(noisy), f'noise of sigma {sigma:g}'


def flip_bits(moment: Moment, passing: Passing) -> tuple[Passing, str]:
    """Flip bits, each place at most once."""
    pixels = np.ascontiguousarray(passing.pixels).copy()
    flat = pixels.reshape(-1)
    count = min(int(moment.number('count')), flat.size * 8)
    rng = np.random.default_rng(moment.rng.getrandbits(64))
    places = rng.choice(flat.size * 8, count, replace=False, shuffle=False)
    np.bitwise_xor.at(flat, places // 8, (1 << (places % 8)).astype(np.uint8))
    return passing.with_pixels(pixels), f'{count} bits flipped'


EFFECTS: dict[str, Effect] = {
    'input.drop': lose,
    'input.freeze': freeze,
    'input.delay': hold_up,
    'input.partial_loss': lose_rows,
    'input.noise': add_noise,
    'input.bit_corrupt': flip_bits,
    'comm.drop': lose,
    'comm.delay': slow_down,
}
# These two are about more than one image: the injector itself does them.
REORDER, PARTITION = 'input.reorder', 'comm.partition'
