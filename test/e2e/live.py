# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A live system for the end-to-end tests: real nodes, real processes, real DDS."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from restage_msgs.msg import Heartbeat, RecoveryEvent, StageStatus
from restage_msgs.srv import GetReport

from restage.camera.frame_log import FrameRecord
from restage.checkpoint.folder import SHARED_MEMORY
from restage.checkpoint.nodefile import NodeFile
from restage.checkpoint.progress import Progress, ProgressMarks
from restage.demo.golden import as_array
from restage.harness.inject import Injection
from restage.harness.session import Session, session
from restage.nodes.messages import detections_message, header_of
from restage.nodes.qos import EVENTS
from restage.nodes.stamps import to_ns
from restage.scene import RoadScene
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner
from restage.system import SystemOptions

from .logged import logged, logged_until

# Far beyond what any step takes: these tests assert what happens, not how fast.
PATIENCE_S = 30.0
# A detection node loads PyTorch and its model, maybe beside others that do the same.
RESPAWN_S = 90.0
SEED = 4
# Of detections that keep up with the camera.
BEHIND_NS = 300_000_000

# On a slow and loaded machine nobody healthy is taken for hung, nobody gives up waiting, and no
# frame is lost for want of a core: what is late is late, and what is lost is lost by the fault.
# Nor does the breaker open, except where that is what is tested.
GENEROUS = {
    'rate_hz': 20.0,
    'stage_deadline_floor_ms': 300.0,
    'stage_deadline_ms': 1500.0,
}
PATIENT_DETECTOR = {
    'queue_depth': 256,
    'order_deadline_ms': 1000.0,
    'image_deadline_ms': 1000.0,
    'weight_check_ms': 100.0,
}
PATIENT_RECOVERY = {
    'heartbeat_deadline_ms': 10_000.0,
    'frame_budget_ms': 10_000.0,
    'breaker_failures': 1000,
}


@dataclass
class Live:
    """
    A running system with an endless synthetic camera.

    ``told``: every status since ``begin``, in order of receipt.
    """

    session: Session
    injection: Injection
    frame_log: Path
    model: str = 'bundled'
    told: list[DiagnosticStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to what the nodes say of themselves."""
        node = self.session.observer.node
        node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda array: self.told.extend(array.status), EVENTS
        )
        # One for all: the answer to a client that has just been made may not find it yet.
        self.reports = node.create_client(GetReport, 'recovery/get_report')

    def is_well_within(self, timeout_s: float) -> bool:
        """Wait until all processes live, one is primary and the others could take over from it."""
        nodes = self.session.system.nodes
        detectors = sum(name.startswith('detection') for name in nodes)

        def well(_: Any) -> bool:
            standbys = self.standbys()
            return (
                all(node.ended() is None for node in nodes.values())
                and len(self.with_role(Heartbeat.ROLE_PRIMARY)) == 1
                and len(standbys) == detectors - 1
                and all(self.beat(name).frames_in > 10 for name in standbys)
                # Or the primary may still have frames that no standby was there to receive.
                and time.time_ns() - self.session.observer.seen.newest_ns < BEHIND_NS
            )

        return bool(self.session.observer.wait_for(well, timeout_s))

    def begin(self, name: str) -> None:
        """Forget all that was seen, and see that frames come; faults are named ``name`` now."""
        self.injection.begin(name)
        self.session.system.exits.clear()
        self.told.clear()
        self.session.observer.take_events()
        self.session.observer.take_detections()
        self.wait_for_more(3)

    # Frames

    def records(self) -> dict[int, FrameRecord]:
        """Return the frames published so far by stamp."""
        return logged(self.frame_log)

    def stamps_out(self) -> list[int]:
        """Return the stamps of all detections received, in order of receipt."""
        return [stamp for stamp, _, _ in list(self.session.observer.seen.detections)]

    def wait_for_more(self, count: int) -> None:
        """Wait until ``count`` more detections have been received."""
        have = len(self.stamps_out())
        assert self.session.observer.wait_for(
            lambda seen: len(seen.detections) >= have + count, PATIENCE_S
        ), f'only {len(self.stamps_out()) - have} of {count} more detections came'

    def wait_past(self, stamp: int, count: int) -> None:
        """Wait until ``count`` detections of frames after ``stamp`` have been received."""
        assert self.session.observer.wait_for(
            lambda _: sum(out > stamp for out in self.stamps_out()) >= count, PATIENCE_S
        ), f'no {count} detections of frames after {stamp} came'

    def assert_once_in_order(self) -> None:
        """Assert that nothing ever came out twice or out of order."""
        out = self.stamps_out()
        assert out == sorted(set(out))

    def assert_all_out_once_in_order(self, first: int, last: int) -> None:
        """Assert that every frame published from stamp ``first`` to ``last`` came out once."""
        records = logged_until(self.frame_log, last)
        published = [stamp for stamp in records if first <= stamp <= last]
        out = [stamp for stamp in self.stamps_out() if first <= stamp <= last]
        assert len(published) > 0
        assert out == published

    def assert_bit_identical(self, first: int, last: int) -> None:
        """Assert that what came out for those frames is what a fault-free run gives."""
        runner = _runner(self.model)
        scene = RoadScene(SEED)
        records = logged_until(self.frame_log, last)
        checked = 0
        for stamp, _, message in list(self.session.observer.seen.detections):
            if first <= stamp <= last:
                image = np.ascontiguousarray(scene.frame(records[stamp].index).image)
                clean = runner.run_all(torch.from_numpy(image))['detections']
                wanted = as_array(detections_message(header_of(0, ''), clean))
                np.testing.assert_array_equal(as_array(message), wanted)
                checked += 1
        assert checked > 0

    def assert_undisturbed(self, first: int, more: int = 10) -> None:
        """Assert, ``more`` frames on, that nothing since ``first`` shows that there was a fault."""
        self.wait_for_more(more)
        last = self.stamps_out()[-1]
        self.assert_all_out_once_in_order(first, last)
        self.assert_bit_identical(first, last)

    # Nodes

    def beat(self, name: str) -> Heartbeat:
        """Return the last heartbeat of a node."""
        return self.session.observer.seen.heartbeats[name]

    def with_role(self, role: int) -> list[str]:
        """Return the nodes with that role, of the processes that run now."""
        return self.session.with_role(role)

    def primary(self) -> str:
        """Return the name of the primary."""
        (name,) = self.with_role(Heartbeat.ROLE_PRIMARY)
        return name

    def standbys(self) -> list[str]:
        """Return the names of the standbys, the one that takes over next first."""
        return self.with_role(Heartbeat.ROLE_STANDBY)

    def standby(self) -> str:
        """Return the name of the only standby."""
        (name,) = self.standbys()
        return name

    def wait_for_primary(self, name: str, timeout_s: float = PATIENCE_S) -> None:
        """Wait until a node says that it is primary."""
        assert self.session.observer.wait_for(
            lambda _: name in self.with_role(Heartbeat.ROLE_PRIMARY), timeout_s
        ), f'{name} did not become primary'

    def wait_for_standby(self, name: str, instead_of: int) -> None:
        """Wait until a node is back as another process than before, as a standby with images."""
        assert self.session.observer.wait_for(
            lambda seen: (
                seen.heartbeats[name].pid != instead_of
                and seen.heartbeats[name].role == Heartbeat.ROLE_STANDBY
                # From now on it can take over without a gap: it has all that the primary has.
                and seen.heartbeats[name].frames_in > 10
                and time.time_ns() - seen.newest_ns < BEHIND_NS
            ),
            RESPAWN_S,
        ), f'{name} did not come back as standby'

    def stop_between_frames(self, name: str) -> int:
        """Stop a node (SIGSTOP) while it has no frame in flight; return its pid."""
        end = time.monotonic() + PATIENCE_S
        while True:
            self.wait_for_more(1)  # the moment at which it most probably has nothing to do
            pid = self.session.system.kill(name, signal.SIGSTOP)
            if not self.progress(name).in_flight:
                return pid
            self.session.system.kill(name, signal.SIGCONT)
            assert time.monotonic() < end, f'{name} was never between two frames'

    def values_of(self, name: str) -> dict[str, str]:
        """Return the values of the last status ``NODE: item``; none before there was one."""
        status = self.session.observer.seen.diagnostics.get(name)
        return {one.key: one.value for one in status.values} if status else {}

    def wait_for_adoption(self) -> None:
        """Wait until a recovery node that was started anew knows primary and standby."""

        def known(_: Any) -> bool:
            primary, standby, frames = (self.values_of(f'recovery: {item}') for item in items)
            here = bool(primary.get('name') and standby.get('name'))
            return here and frames.get('detected', '0') != '0'

        items = ('primary', 'standby', 'frames')
        for item in items:
            self.session.observer.seen.diagnostics.pop(f'recovery: {item}', None)
        assert self.session.observer.wait_for(known, RESPAWN_S), 'nobody was adopted'

    def epoch(self) -> int:
        """Return the newest epoch that any node has."""
        return max(beat.epoch for beat in self.session.observer.seen.heartbeats.values())

    def progress(self, name: str) -> Progress:
        """Return what a node's marks in the store say."""
        domain = self.session.system.domain
        store = SHARED_MEMORY / f'restage-{os.getuid()}-{domain}-_'
        return ProgressMarks(NodeFile(store / name)).read()

    # Recoveries

    def recovered_in(self, name: str, since: int) -> RecoveryEvent:
        """Return the first recovery of an error of ``name`` after the first ``since`` of them."""
        found = self.session.observer.wait_for(
            lambda seen: [event for event in seen.recoveries[since:] if event.node == name],
            RESPAWN_S,
        )
        assert found, f'no recovery from an error of {name}'
        return found[0]

    def assert_recovered(self, event: RecoveryEvent) -> None:
        """Assert that the recovery was a success without any loss; say what was lost."""
        report = self.report()
        lost = dict(zip(report.loss_reasons, report.loss_counts, strict=True))
        assert (event.outcome, event.frames_lost) == (RecoveryEvent.RECOVERED, 0), lost

    def wait_for_status(self, **wanted: Any) -> StageStatus:
        """Return the first stage status whose fields are as ``wanted``."""
        found = self.session.observer.wait_for(
            lambda seen: [s for s in seen.statuses if matches(s, wanted)], PATIENCE_S
        )
        assert found, f'no stage status with {wanted}'
        return found[0]

    def wait_for_diagnosis(
        self, name: str, level: bytes, text: str, timeout_s: float = PATIENCE_S
    ) -> None:
        """Wait until the status ``NODE: item`` has that level and contains ``text``."""

        def said(seen: Any) -> bool:
            status = seen.diagnostics.get(name)
            return status is not None and status.level == level and text in status.message

        assert self.session.observer.wait_for(said, timeout_s), f"{name} never said '{text}'"

    def wait_until_told(self, since: int, name: str, level: bytes, text: str) -> None:
        """Wait as for a diagnosis, also for one that is over: of all but the first ``since``."""
        assert self.session.observer.wait_for(
            lambda _: any(
                (status.name, status.level) == (name, level) and text in status.message
                for status in self.told[since:]
            ),
            PATIENCE_S,
        ), f"{name} never said '{text}'"

    def report(self) -> GetReport.Response:
        """Return the accounts of the recovery node."""
        observer = self.session.observer
        assert self.reports.wait_for_service(PATIENCE_S)
        future = self.reports.call_async(GetReport.Request())
        assert observer.wait_for(lambda _: future.done(), PATIENCE_S)
        return future.result()


@functools.cache
def _runner(model: str) -> StageRunner:
    return StageRunner(load_model(model))


def matches(message: Any, wanted: Mapping[str, Any]) -> bool:
    """Return whether the fields of a message are as wanted; ``stamp_ns``: that of its header."""
    return all(
        (to_ns(message.header.stamp) if name == 'stamp_ns' else getattr(message, name)) == value
        for name, value in wanted.items()
    )


@contextlib.contextmanager
def running(
    folder: Path, parameters: Mapping[str, Mapping[str, Any]], **options: Any
) -> Iterator[Live]:
    """Run a system, ready, its camera running, a few detections seen."""
    names = ('detection_a', 'detection_b', 'detection_c', 'recovery')
    patient = dict.fromkeys(names[:-1], PATIENT_DETECTOR) | {'recovery': PATIENT_RECOVERY}
    chosen = SystemOptions(
        **{
            'seed': SEED,
            'frame_log': str(folder / 'frames.jsonl'),
            'allow_fault_injection': True,
            **GENEROUS,
            **options,
        }
    )
    merged = {name: {**patient[name], **parameters.get(name, {})} for name in names}
    merged |= {name: own for name, own in parameters.items() if name not in names}
    with session(chosen, folder / 'log', merged) as system:
        system.start_camera()
        injection = Injection(system.observer)
        live = Live(system, injection, folder / 'frames.jsonl', chosen.model)
        live.wait_for_more(5)
        yield live
