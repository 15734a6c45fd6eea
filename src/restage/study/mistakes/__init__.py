# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The programming errors of the study, one a file."""

from __future__ import annotations

from restage.study.errors import StudyError
from restage.study.mistakes import (
    allocation_failure,
    double_free,
    fork_after_init,
    inf_input,
    input_freed,
    input_reused,
    input_unmapped,
    leak,
    model_bits_flipped,
    model_memory_freed,
    model_overwritten,
    model_truncated,
    nan_input,
    none,
    oob_write_input,
    oob_write_weight,
    output_kept,
    output_read_early,
    shared_handle,
    shared_weights_written,
    uninitialised_input,
    use_after_close,
    wrong_device,
    wrong_dtype,
    wrong_layout,
    wrong_shape,
    wrong_stride,
)
from restage.study.mistakes.mistake import Mistake

CONTROL = none.MISTAKE

# In the order of what they concern: input, output, weights and model, handle, process, values.
MISTAKES: dict[str, Mistake] = {
    module.MISTAKE.name: module.MISTAKE
    for module in (
        input_unmapped,
        input_freed,
        input_reused,
        oob_write_input,
        uninitialised_input,
        wrong_shape,
        wrong_dtype,
        wrong_layout,
        wrong_stride,
        wrong_device,
        output_read_early,
        output_kept,
        double_free,
        oob_write_weight,
        shared_weights_written,
        model_memory_freed,
        model_overwritten,
        model_truncated,
        model_bits_flipped,
        use_after_close,
        shared_handle,
        fork_after_init,
        leak,
        allocation_failure,
        nan_input,
        inf_input,
    )
}


def find_mistake(name: str) -> Mistake:
    """
    Return the programming error called ``name``.

    :raises StudyError: when there is none.
    """
    if name == CONTROL.name:
        return CONTROL
    try:
        return MISTAKES[name]
    except KeyError:
        raise StudyError(f"error '{name}'; accepted: {', '.join(MISTAKES)}") from None
