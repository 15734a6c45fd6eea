# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The attributes of a node of an ONNX graph."""

from __future__ import annotations

from typing import Any

import onnx


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of ``node`` by name."""
    return {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
