# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The faults of a recording, to be injected again on the frames they fired on."""

from __future__ import annotations

from pathlib import Path

from restage_msgs.msg import FaultCommand, FaultEvent

from restage.camera.bag_file import find_bag
from restage.camera.bag_topics import COMPRESSED, IMAGE
from restage.camera.errors import SourceError
from restage.demo.decoded import decoded
from restage.faults.enums import FaultState
from restage.faults.errors import FaultError
from restage.faults.messages import command_to_fault, event_to_record
from restage.faults.trace import TraceWriter
from restage.recording.reader import Recording

_COMMAND, _EVENT = 'restage_msgs/msg/FaultCommand', 'restage_msgs/msg/FaultEvent'


def write_trace(source: str, folder: Path) -> tuple[Path, int] | None:
    """
    Write the faults that fired in a recording to a trace in ``folder``.

    Return its path and how many images there are; None where ``source`` is no bag or nothing
    fired in it. A fault that fired on no particular frame is injected at its time.

    :raises RecordingError: when the bag, or a message of a fault in it, is broken.
    """
    path = Path(source)
    try:
        if not path.exists() or find_bag(path) is None:
            return None
    except SourceError:
        return None
    images, messages = [], []
    for message in Recording(path).messages((_COMMAND, _EVENT), headers_of=(IMAGE, COMPRESSED)):
        if message.msgtype in (IMAGE, COMPRESSED):
            images.append((message.stamp_ns, message.log_ns))
        else:
            messages.append(message)
    if not images or not any(message.msgtype == _EVENT for message in messages):
        return None
    first_stamp_ns, first_log_ns = images[0]
    target = folder / f'{path.resolve().stem}-faults.jsonl'
    writer = TraceWriter(target)
    fired = 0
    for message in messages:
        try:
            if message.msgtype == _COMMAND:
                command = decoded(message, FaultCommand)
                if command.action == FaultCommand.INJECT:
                    writer.commanded(command_to_fault(command))
                continue
            record = event_to_record(decoded(message, FaultEvent))
        except FaultError:
            continue  # refused the first time, too
        if record.state is FaultState.FIRED:
            stamp_ns = record.stamp_ns
            at_ns = stamp_ns - first_stamp_ns if stamp_ns else message.log_ns - first_log_ns
            writer.fired(record, at_ns / 1e9)
            fired += 1
    return (target, len(images)) if fired else None
