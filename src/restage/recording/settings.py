# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What a recorder is asked for: names, defaults, limits and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from restage.recording.errors import RecordingError


def _setting(
    default: Any,
    description: str,
    *,
    low: int | None = None,
    high: int | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    metadata = {'description': description, 'low': low, 'high': high, 'choices': choices}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class RecordSettings:
    """
    One value for each parameter of the recorder that concerns the file.

    :raises RecordingError: naming the value and what is accepted.
    """

    path: str = _setting('', 'folder to make: a rosbag2 of MCAP files')
    images: str = _setting(
        'jpeg',
        'jpeg; raw or png keep every bit, so that outputs can be compared with a fault-free run; '
        'none',
        choices=('jpeg', 'png', 'raw', 'none'),
    )
    jpeg_quality: int = _setting(90, 'quality of JPEG images', low=1, high=100)
    compression: str = _setting('zstd', 'of the chunks of the file', choices=('zstd', 'none'))
    split_mb: int = _setting(0, 'begin a new file after so many MB; 0: never', low=0, high=2**40)
    limit_mb: int = _setting(0, 'record no more than so many MB; 0: no limit', low=0, high=2**40)
    queue_mb: int = _setting(
        64, 'memory for messages that wait for the disk; what does not fit is dropped and counted',
        low=1, high=2**20,
    )  # fmt: skip
    overwrite: bool = _setting(False, 'replace a recording that is there')

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            choices, low, high = (item.metadata[key] for key in ('choices', 'low', 'high'))
            if choices and value not in choices:
                raise RecordingError(
                    f"{item.name} '{value}' is not accepted: give {' or '.join(choices)}"
                )
            if low is not None and not low <= value <= high:
                raise RecordingError(f'{item.name} {value} is not accepted: give {low} to {high}')
        if not self.path.strip():
            raise RecordingError('no path to record to: give the folder to make')
