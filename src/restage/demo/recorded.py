# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A run as a recording has it."""

from __future__ import annotations

import bisect
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import yaml
from rclpy.serialization import deserialize_message
from restage_msgs.msg import FaultCommand, FaultEvent, RecoveryEvent
from vision_msgs.msg import Detection2DArray, LabelInfo

from restage.camera.bag_source import BagSource
from restage.camera.frame import Frame
from restage.camera.frame_log import FrameRecord
from restage.demo.evidence import Evidence
from restage.demo.frames import FrameAccounts
from restage.faults.scenario import Scenario
from restage.faults.scenario_file import parse_scenario
from restage.nodes.stamps import to_ns
from restage.recording.errors import RecordingError
from restage.recording.reader import Message, Recording

_TYPES: dict[str, Any] = {
    'vision_msgs/msg/Detection2DArray': Detection2DArray,
    'vision_msgs/msg/LabelInfo': LabelInfo,
    'restage_msgs/msg/FaultCommand': FaultCommand,
    'restage_msgs/msg/FaultEvent': FaultEvent,
    'restage_msgs/msg/RecoveryEvent': RecoveryEvent,
}
_INFO = 'sensor_msgs/msg/CameraInfo'


class RecordedRun:
    """
    What one recording holds.

    :raises RecordingError: when it is not of one camera with its camera_info and detections.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._found: dict[str, list[tuple[Message, Any]]] = {name: [] for name in _TYPES}
        infos: list[Message] = []
        for message in recording.messages((*_TYPES, _INFO)):
            if message.msgtype == _INFO:
                infos.append(message)
            else:
                self._found[message.msgtype].append((message, _decoded(message)))
        topics = {message.topic for message in infos}
        if len(topics) > 1:
            raise RecordingError(
                f"'{recording.path}' is of several cameras ({', '.join(sorted(topics))}); "
                'a report is of one'
            )
        if not infos or not self._found['vision_msgs/msg/Detection2DArray']:
            raise RecordingError(
                f"'{recording.path}' has no {'detections' if infos else 'camera_info'}: a report "
                'needs both, as `restage record` records them; '
                f'its topics: {", ".join(recording.topics()) or "none"}'
            )
        self.run: Mapping[str, Any] = recording.start.get('run', {})
        self._steady = _SteadyTime(recording.notes)
        self._records = [
            FrameRecord(m.stamp_ns, number, 0, self._steady.at(m.publish_ns))
            for number, m in enumerate(infos)
        ]

    @property
    def model(self) -> str:
        """Return what the model was called; empty where that is not known."""
        return str(self.run.get('model', ''))

    def evidence(self, not_checked: str) -> Evidence:
        """
        Return it as evidence; ``not_checked`` as there.

        :raises ValueError: when the scenario in it is not acceptable.
        """
        scenario = self._scenario()
        commands = [command for _, command in self._found['restage_msgs/msg/FaultCommand']]
        planned = [(f.id, f.kind, f.stage) for _, f in scenario.schedule()] if scenario else []
        known = {fault_id for fault_id, _, _ in planned}
        planned += [
            (c.id, c.kind, c.stage)
            for c in commands
            if c.action == FaultCommand.INJECT and c.id not in known
        ]
        labels = [labels for _, labels in self._found['vision_msgs/msg/LabelInfo']]
        return Evidence(
            scenario=scenario.name if scenario else Path(str(self.run.get('scenario', ''))).stem,
            source=str(self.run.get('source', '')),
            model=self.model,
            seed=int(self.run.get('seed', 0)),
            planned=planned,
            expected=scenario.expectations() if scenario else {},
            faults=[event for _, event in self._found['restage_msgs/msg/FaultEvent']],
            recoveries=[event for _, event in self._found['restage_msgs/msg/RecoveryEvent']],
            accounts=FrameAccounts.of(
                self._records,
                [
                    (to_ns(found.header.stamp), self._steady.at(message.log_ns), found)
                    for message, found in self._found['vision_msgs/msg/Detection2DArray']
                ],
            ),
            stream_faults=bool(self.run.get('fault_proxy', False)),
            machine=self._recording.start.get('machine', {}),
            versions=self._recording.start.get('versions', {}),
            class_names=[c.class_name for c in labels[-1].class_map] if labels else [],
            not_checked=not_checked,
            recording=self._recording.summary(),
        )

    def images(self) -> NumberedImages:
        """
        Return the recorded images, numbered as the frames of the evidence.

        :raises SourceError: when there are none that can be read.
        """
        numbers = {record.stamp_ns: record.index for record in self._records}
        return NumberedImages(BagSource(self._recording.path, '', lambda *_: None), numbers)

    def _scenario(self) -> Scenario | None:
        text = self.run.get('scenario_text')
        if not text:
            return None
        try:
            return parse_scenario(yaml.safe_load(text), 'the recorded scenario')
        except yaml.YAMLError as error:
            raise RecordingError(f'the recorded scenario is no YAML: {error}') from None


class NumberedImages:
    """The images of a bag whose frames are known by their stamps."""

    def __init__(self, bag: BagSource, numbers: Mapping[int, int]) -> None:
        self._bag = bag
        self._numbers = numbers
        self.rate_hz = bag.rate_hz
        self.description = bag.description
        self.intrinsics = bag.intrinsics

    def frames(self) -> Generator[Frame, None, None]:
        """Read them once."""
        for frame in self._bag.frames():
            number = self._numbers.get(frame.stamp_ns or 0)
            if number is not None:
                yield Frame(number, frame.image, frame.stamp_ns)

    def close(self) -> None:
        """Nothing is held between passes."""


class _SteadyTime:
    """CLOCK_MONOTONIC for times by CLOCK_REALTIME, from pairs that were taken once a second."""

    def __init__(self, notes: list[dict[str, Any]]) -> None:
        pairs = sorted((n['realtime_ns'], n['monotonic_ns'] - n['realtime_ns']) for n in notes)
        self._times = [time for time, _ in pairs]
        self._offsets: list[int] = [offset for _, offset in pairs]

    def at(self, realtime_ns: int) -> int:
        if not self._times:
            return realtime_ns
        place = bisect.bisect(self._times, realtime_ns) - 1
        return realtime_ns + self._offsets[max(place, 0)]


def _decoded(message: Message) -> Any:
    try:
        return deserialize_message(message.data, _TYPES[message.msgtype])
    except Exception as error:  # of the middleware, whichever it is
        raise RecordingError(
            f"a message on '{message.topic}' is damaged, or of another {message.msgtype}: {error}"
        ) from None
