# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The options of a detection node that was given none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from restage.nodes.detection_options import DetectionOptions, declare_all, read_options


@dataclass
class _Value:
    value: Any


class _Defaults:
    """A node as far as declaring parameters and reading them back goes."""

    def __init__(self) -> None:
        self._values: dict[str, _Value] = {}

    def declare_parameter(self, name: str, default: Any, _descriptor: Any) -> _Value:
        return self._values.setdefault(name, _Value(default))

    def get_parameter(self, name: str) -> _Value:
        return self._values[name]


def default_options() -> DetectionOptions:
    """Return the options of a detection node that was given none: its own defaults, not a copy."""
    node: Any = _Defaults()
    declare_all(node)
    return read_options(node)
