# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A run as a recording has it."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from restage_msgs.msg import FaultCommand, FaultEvent, Heartbeat, RecoveryEvent
from vision_msgs.msg import Detection2DArray, LabelInfo

from restage.camera.bag_topics import COMPRESSED, IMAGE
from restage.camera.frame_log import FrameRecord
from restage.demo.decoded import decoded
from restage.demo.evidence import Evidence
from restage.demo.frames import FrameAccounts
from restage.demo.recorded_cameras import RecordedCameras, RecordedImages
from restage.faults.scenario import Scenario
from restage.faults.scenario_file import parse_scenario
from restage.recording.errors import RecordingError
from restage.recording.reader import Message, Recording
from restage.yaml_file import YamlError, parse_yaml

_TYPES: dict[str, Any] = {
    'vision_msgs/msg/Detection2DArray': Detection2DArray,
    'vision_msgs/msg/LabelInfo': LabelInfo,
    'restage_msgs/msg/FaultCommand': FaultCommand,
    'restage_msgs/msg/FaultEvent': FaultEvent,
    'restage_msgs/msg/RecoveryEvent': RecoveryEvent,
    'restage_msgs/msg/Heartbeat': Heartbeat,
}
_INFO = 'sensor_msgs/msg/CameraInfo'


class RecordedRun:
    """
    What one recording holds.

    :raises RecordingError: when it does not have camera_info and detections of every camera.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._found: dict[str, list[tuple[Message, Any]]] = {name: [] for name in _TYPES}
        infos: list[Message] = []
        pictures: set[str] = set()
        for message in recording.messages((*_TYPES, _INFO), headers_of=(IMAGE, COMPRESSED)):
            if message.msgtype == _INFO:
                infos.append(message)
            elif message.msgtype in (IMAGE, COMPRESSED):
                pictures.add(message.topic)
            else:
                kind = _TYPES[message.msgtype]
                self._found[message.msgtype].append((message, decoded(message, kind)))
        if not infos or not self._found['vision_msgs/msg/Detection2DArray']:
            raise RecordingError(
                f"'{recording.path}' has no {'detections' if infos else 'camera_info'}: a report "
                'needs both, as `restage record` records them; '
                f'its topics: {", ".join(recording.topics()) or "none"}'
            )
        self.run: Mapping[str, Any] = recording.start.get('run', {})
        self._cameras = RecordedCameras(
            (message.topic for message in infos), str(self.run.get('cameras', ''))
        )
        self._outputs = [
            (self._cameras.key(message), message, found)
            for message, found in self._found['vision_msgs/msg/Detection2DArray']
        ]
        self._pictures = sorted(pictures)
        self._steady = _SteadyTime(recording.notes)
        keyed = [(self._cameras.key(message), message) for message in infos]
        counted = self._since_there_was_a_primary(keyed)
        self._early = len(infos) - len(counted)
        self._records = [
            FrameRecord(key, number, 0, self._steady.at(message.publish_ns))
            for number, (key, message) in enumerate(counted)
        ]

    def _since_there_was_a_primary(
        self, infos: list[tuple[int, Message]]
    ) -> list[tuple[int, Message]]:
        """Return the frames to account for: what the camera saw before is nobody's loss."""
        first_out = min(key for key, _, _ in self._outputs)
        since_ns = next(
            (
                message.publish_ns
                for message, beat in self._found['restage_msgs/msg/Heartbeat']
                if beat.role == Heartbeat.ROLE_PRIMARY
            ),
            None,
        )
        return [
            (key, message)
            for key, message in infos
            if key >= first_out or (since_ns is not None and message.publish_ns >= since_ns)
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
            seed=self._seed(),
            planned=planned,
            expected=scenario.expectations() if scenario else {},
            faults=[event for _, event in self._found['restage_msgs/msg/FaultEvent']],
            recoveries=[event for _, event in self._found['restage_msgs/msg/RecoveryEvent']],
            accounts=FrameAccounts.of(
                self._records,
                [
                    (key, self._steady.at(message.log_ns), found)
                    for key, message, found in self._outputs
                ],
                self._cameras.cameras,
            ),
            stream_faults=bool(self.run.get('fault_proxy', False)),
            machine=self._recording.start.get('machine', {}),
            versions=self._recording.start.get('versions', {}),
            class_names=[c.class_name for c in labels[-1].class_map] if labels else [],
            not_checked=not_checked,
            recording={
                **self._recording.summary(),
                'cameras': [name for name in self._cameras.cameras.names if name],
                'frames_before_primary': self._early,
            },
        )

    def images(self) -> RecordedImages:
        """
        Return the recorded images, numbered as the frames of the evidence.

        :raises SourceError: when there are none that can be read.
        """
        numbers = {record.stamp_ns: record.index for record in self._records}
        return RecordedImages(self._recording.path, self._pictures, self._cameras, numbers)

    def _scenario(self) -> Scenario | None:
        text = self.run.get('scenario_text')
        if not text:
            return None
        try:
            found = parse_yaml(str(text).encode(errors='replace'))
        except YamlError as error:
            raise RecordingError(f'the recorded scenario {error}') from None
        return parse_scenario(found, 'the recorded scenario')

    def _seed(self) -> int:
        seed = self.run.get('seed', 0)
        if type(seed) is not int:
            raise RecordingError(f'the recorded seed is {seed!r:.80}; accepted: an integer')
        return seed


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
