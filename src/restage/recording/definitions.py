# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Message definitions with all they depend on, and their type hashes."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from rosbags.typesys import Stores, get_types_from_msg, get_typestore

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore

# Packages whose messages are not part of ROS 2's own common interfaces.
_OWN = ('restage_msgs', 'vision_msgs')


@functools.cache
def typestore() -> Typestore:
    """
    Return the types of every message that is recorded.

    Those of ``restage_msgs`` and ``vision_msgs`` are read from the installed packages; the common
    ones are the same in Jazzy and Kilted.
    """
    store = get_typestore(Stores.ROS2_JAZZY)
    for package in _OWN:
        for file in sorted(_message_folder(package).glob('*.msg')):
            name = f'{package}/msg/{file.stem}'
            if name not in store.fielddefs:
                store.register(get_types_from_msg(file.read_text(encoding='utf-8'), name))
    return store


def definition_of(msgtype: str) -> str:
    """Return the definition of a type with all it depends on, as MCAP's ros2msg wants it."""
    text, _ = typestore().generate_msgdef(msgtype, ros_version=2)
    return text


@functools.cache
def type_hash(msgtype: str) -> str:
    """Return the hash of a type. Source: REP 2016 (RIHS01)."""
    return typestore().hash_rihs01(msgtype)


def _message_folder(package: str) -> Path:
    """Return where the .msg files of an installed package are."""
    module = importlib.import_module(package)
    for prefix in Path(str(module.__file__)).parents:
        folder = prefix / 'share' / package / 'msg'
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the definitions of '{package}' are not beside {module.__file__}")
