# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Fast DDS segments in /dev/shm that killed processes leave behind."""

from __future__ import annotations

from pathlib import Path

_PREFIXES = tuple(
    f'/dev/shm/{kind}{name}_'  # noqa: S108
    for kind in ('', 'sem.')
    for name in ('fastrtps', 'fastdds')
)


def segments_of(pid: int) -> set[str]:
    """Return the Fast DDS segments that process ``pid`` has mapped."""
    try:
        lines = Path(f'/proc/{pid}/maps').read_text().splitlines()
    except OSError:
        return set()
    paths = {line.split(maxsplit=5)[5] for line in lines if '/dev/shm/' in line}  # noqa: S108
    return {path for path in paths if path.startswith(_PREFIXES)}


def remove_unused(segments: set[str]) -> list[str]:
    """Remove those of ``segments`` that no living process maps; return their names."""
    used: set[str] = set()
    for process in Path('/proc').iterdir():
        if process.name.isdigit():
            used |= segments_of(int(process.name))
    removed = []
    for segment in sorted(segments - used):
        path = Path(segment)
        for victim in (path, path.with_name(f'{path.name}_el')):
            if victim.exists() and str(victim) not in used:
                victim.unlink(missing_ok=True)
                removed.append(victim.name)
    return removed
