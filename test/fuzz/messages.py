# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages, by field and as the bytes that a broken or hostile peer may send."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rcl_interfaces.msg import Parameter, ParameterValue
from rclpy.serialization import deserialize_message, serialize_message
from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat, RecoveryEvent, StageStatus
from restage_msgs.srv import CommandRecovery, InjectFault
from sensor_msgs.msg import CameraInfo, Image
from vision_msgs.msg import (
    Detection2D,
    Detection2DArray,
    LabelInfo,
    ObjectHypothesisWithPose,
    VisionClass,
)

from restage.camera.convert import image_to_bgr, message_to_bgr
from restage.camera.encodings import ENCODINGS
from restage.camera.errors import ImageError
from restage.cameras import Cameras
from restage.dashboard.board import Board
from restage.demo.golden import as_array
from restage.faults.errors import FaultError
from restage.faults.messages import (
    command_to_fault,
    event_to_record,
    fault_to_command,
    record_to_event,
)
from restage.faults.taxonomy import KINDS
from restage.nodes import dashboard_messages as page
from restage.nodes.heard import check_heartbeat, soft_error_of
from restage.nodes.orders import Promotion, order_of
from restage.nodes.stamps import frame_ns, of_serialized, to_ns
from restage.nodes.unusable import UnusableMessageError
from restage.nodes.wire import deserialized
from restage.stages.commands import OrderBox
from restage.stages.frame import FrameJob
from restage.stages.queue import FrameQueue

from .target import Bytes, Target, none

CAMERAS = Cameras(('left', 'right'))


def _image(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    encoding = source.one_of(list(ENCODINGS))
    height, width, step = (source.integer(kind) for kind in 'HHI')
    big = source.integer('B')
    picture = image_to_bgr(encoding, height, width, step, source.rest(), big)
    assert picture.shape == (height, width, 3)
    return picture


def _command(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    command = FaultCommand(
        kind=source.one_of([kind.name for kind in KINDS]),
        id=source.text(),
        target=source.text(),
        stage=source.text(),
        when=source.integer('B'),
        persistence=source.integer('B'),
        after_frames=source.integer('I'),
        probability=float(source.number('d')),
        seed=source.integer('Q'),
        duration_s=float(source.number('d')),
        firing=source.integer('I'),
    )
    command.frame.sec, command.frame.nanosec = source.integer('i'), source.integer('I')
    names = [spec.name for kind in KINDS for spec in kind.parameters]
    for _ in range(source.integer('B') % 4):
        value = ParameterValue(
            type=source.integer('B'),
            integer_value=source.integer('q'),
            double_value=float(source.number('d')),
            string_value=source.text(),
        )
        command.parameters.append(Parameter(name=source.one_of(names), value=value))
    return _faithful(command_to_fault(command))


def _faithful(fault: Any) -> object:
    """Whoever passes a fault on sends what was asked for."""
    sent = fault_to_command(fault)
    assert deserialize_message(serialize_message(sent), FaultCommand) == sent
    return command_to_fault(sent)


def _event(data: bytes, _folder: Path) -> object:
    source = Bytes(data)
    event = FaultEvent(id=source.text(), kind=source.text(), state=source.integer('B'))
    event.frame.sec = source.integer('i')
    return event_to_record(event)


def _order(data: bytes, _folder: Path) -> object:
    """Take an order in, and do what needs no model: hand it over, or open the queue."""
    source = Bytes(data)
    request = CommandRecovery.Request(
        tier=source.integer('B') % 8,
        recovery_id=source.integer('Q'),
        epoch=source.integer('Q'),
        has_frame=bool(source.integer('B') % 2),
        boundary=source.integer('i'),
        from_node=source.one_of(['detection_a', 'detection_b', '', '..', 'a/b']),
    )
    request.frame.sec, request.frame.nanosec = source.integer('i'), source.integer('I')
    for _ in range(source.integer('B') % 3):
        stamp = type(request.frame)(sec=source.integer('i'), nanosec=source.integer('I'))
        request.after.append(stamp)
    order = order_of(request, 2)
    if not isinstance(order, Promotion):
        box = OrderBox()
        box.expect(order.stamp_ns, order.attempt)
        assert box.give(order)
        return box.wait(0.0)
    queue = FrameQueue(4)
    for stamp_ns in (1, 10**9, 10**18):
        queue.put(FrameJob(stamp_ns=stamp_ns, frame_id='', image=None))
    queue.promote(order.after, order.resume)
    found = queue.get(0.0)
    assert order.resume is None or found is not None
    return found


def _on_image(message: Image, _: bytes, __: Board) -> None:
    frame_ns(message.header.stamp)
    message_to_bgr(message)


def _on_detections(message: Detection2DArray, raw: bytes, board: Board) -> None:
    as_array(message)
    boxes = page.boxes_of(message, {'0': 'car'})
    json.dumps([vars(box) for box in boxes], allow_nan=False)
    assert of_serialized(raw) == to_ns(message.header.stamp)
    board.detected(0, CAMERAS.key(of_serialized(raw), 0))


def _on_info(message: CameraInfo, raw: bytes, board: Board) -> None:
    assert of_serialized(raw) == to_ns(message.header.stamp)
    board.published(0, CAMERAS.key(of_serialized(raw), 0))


def _on_heartbeat(message: Heartbeat, _: bytes, board: Board) -> None:
    check_heartbeat(message)
    board.beat(page.beat_of(message))


def _on_status(message: StageStatus, _: bytes, board: Board) -> None:
    soft_error_of(message)
    board.stage(page.mark_of(message))


def _on_diagnostics(message: DiagnosticArray, _: bytes, board: Board) -> None:
    for status in message.status:
        diagnosis = page.diagnosis_of(status, '')
        if diagnosis is not None:
            board.diagnosis(diagnosis)


def _on_event(message: FaultEvent, _: bytes, board: Board) -> None:
    record = event_to_record(message)
    serialize_message(record_to_event(record, message.node))
    board.fault(page.news_of(message))


COUNTS = DiagnosticStatus(name='recovery', values=[KeyValue(key='published', value='1')])
HEARD: list[tuple[Any, Callable[[Any, bytes, Board], object]]] = [
    (Image, _on_image),
    (CameraInfo, _on_info),
    (
        Detection2DArray(detections=[Detection2D(results=[ObjectHypothesisWithPose()])]),
        _on_detections,
    ),
    (FaultCommand(parameters=[Parameter()]), lambda heard, *_: command_to_fault(heard)),
    (FaultEvent, _on_event),
    (Heartbeat(node='a', pid=7), _on_heartbeat),
    (StageStatus(state=2), _on_status),
    (
        RecoveryEvent(tiers=['retry_stage']),
        lambda heard, _, board: board.recovery(page.recovery_of(heard)),
    ),
    (DiagnosticArray(status=[COUNTS]), _on_diagnostics),
    (LabelInfo(class_map=[VisionClass(class_name='car')]), lambda *_: None),
    (CommandRecovery.Request(tier=1, from_node='a'), lambda heard, *_: order_of(heard, 2)),
    (InjectFault.Request(), lambda heard, *_: command_to_fault(heard.command)),
]


def _kind(sample: Any) -> Any:
    return sample if isinstance(sample, type) else type(sample)


def _cdr(data: bytes, _folder: Path) -> object:
    """Take a serialized message in as the nodes and the dashboard do; its first byte says which."""
    sample, hear = HEARD[data[0] % len(HEARD) if data else 0]
    message = deserialized(data[1:], _kind(sample))
    board = Board(CAMERAS, 300.0, '')
    try:
        hear(message, data[1:], board)
    except (FaultError, ImageError, UnusableMessageError):
        raise
    except ValueError as error:
        # What the dashboard does not know, such as a role that is none.
        assert 'is not a valid' in str(error), error
        raise UnusableMessageError(str(error)) from None
    finally:
        for text in board.render().values():
            json.loads(text, parse_constant=_not_json)
    return message


def _not_json(name: str) -> None:
    raise AssertionError(f'{name} is sent to a browser')


def _serialized(_folder: Path) -> list[bytes]:
    made = [sample() if isinstance(sample, type) else sample for sample, _ in HEARD]
    return [bytes([number]) + serialize_message(one) for number, one in enumerate(made)]


TARGETS = {
    'image': Target(_image, (ImageError,), none),
    'fault_command': Target(_command, (FaultError,), none),
    'fault_event': Target(_event, (FaultError,), none),
    'order': Target(_order, (UnusableMessageError,), none),
    'cdr': Target(_cdr, (FaultError, ImageError, UnusableMessageError), _serialized),
}
