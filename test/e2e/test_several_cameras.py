# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Several cameras on one detector, and several detectors on one machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from restage_msgs.msg import RecoveryEvent
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from restage.cameras import Cameras
from restage.checkpoint.folder import SHARED_MEMORY
from restage.demo.golden import as_array
from restage.harness.dashboard import dashboard_url
from restage.harness.domain import own_domain
from restage.harness.inject import Injection
from restage.harness.session import Session, session
from restage.nodes.messages import detections_message, header_of
from restage.nodes.qos import image_qos
from restage.nodes.stamps import from_ns, to_ns
from restage.scene import RoadScene
from restage.stages.loading import load_model
from restage.stages.runner import StageRunner
from restage.system import SystemOptions

from .chromium import find, picture, text_of, texts_of, until
from .live import GENEROUS, PATIENCE_S, PATIENT_DETECTOR, PATIENT_RECOVERY, RESPAWN_S, SEED
from .logged import logged_until

pytestmark = pytest.mark.e2e

NAMES = ('front', 'rear')
PATIENT = {
    'detection_a': PATIENT_DETECTOR,
    'detection_b': PATIENT_DETECTOR,
    'recovery': PATIENT_RECOVERY,
}


def options(folder: Path, **more: Any) -> SystemOptions:
    chosen = {**GENEROUS, 'rate_hz': 5.0, 'seed': SEED, 'allow_fault_injection': True}
    return SystemOptions(frame_log=str(folder / 'frames.jsonl'), **{**chosen, **more})


@pytest.fixture(scope='module')
def two_cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Path]]:
    folder = tmp_path_factory.mktemp('cameras')
    chosen = options(folder, cameras=','.join(NAMES), dashboard=True, dashboard_port=0)
    with session(chosen, folder / 'log', PATIENT) as system:
        yield system, folder


def outputs(system: Session, camera: str) -> list[tuple[int, Any]]:
    """Return stamp and message of all detections of one camera, in order of receipt."""
    return [
        (stamp, message)
        for stamp, _, message in list(system.observer.seen.detections)
        if message.header.frame_id == camera
    ]


def wait_for_more(system: Session, count: int) -> None:
    """Wait until ``count`` more detections of every camera have come."""
    have = {name: len(outputs(system, name)) for name in NAMES}
    assert system.observer.wait_for(
        lambda _: all(len(outputs(system, name)) >= have[name] + count for name in NAMES),
        PATIENCE_S,
    ), have


def test_images_of_one_stamp_come_out_with_it_each_on_its_own_topic(two_cameras) -> None:
    system, _ = two_cameras
    node = system.observer.node
    cameras = Cameras(NAMES)
    publishers = [
        node.create_publisher(Image, cameras.topic(number, 'image_raw'), image_qos('reliable'))
        for number in range(len(NAMES))
    ]
    matched = lambda _: all(one.get_subscription_count() == 2 for one in publishers)  # noqa: E731
    assert system.observer.wait_for(matched, PATIENCE_S)
    stamp_ns = 1_700_000_000_123_456_789
    image = RoadScene(SEED).frame(0).image
    for name, publisher in zip(NAMES, publishers, strict=True):
        publisher.publish(
            Image(
                header=Header(stamp=from_ns(stamp_ns), frame_id=name),
                height=image.shape[0],
                width=image.shape[1],
                encoding='bgr8',
                step=3 * image.shape[1],
                data=image.tobytes(),
            )
        )
    assert system.observer.wait_for(lambda seen: len(seen.detections) == 2, PATIENCE_S)
    for name in NAMES:
        assert [stamp for stamp, _ in outputs(system, name)] == [stamp_ns]
    for publisher in publishers:
        node.destroy_publisher(publisher)


def test_no_frame_of_any_camera_is_lost_to_a_soft_error_or_a_death(two_cameras) -> None:
    system, folder = two_cameras
    system.start_camera()
    wait_for_more(system, 5)
    first = {name: outputs(system, name)[-1][0] for name in NAMES}
    injection = Injection(system.observer)
    for kind, tier in (('nn.neuron.nan', 'retry_stage'), ('proc.kill', 'failover')):
        event = injection.recovery_of(injection.inject(kind, 'backbone.3'))
        assert (event.outcome, event.tier) == (RecoveryEvent.RECOVERED, tier)
        assert event.frames_lost == 0
        wait_for_more(system, 5)
    runner = StageRunner(load_model('bundled'))
    for number, name in enumerate(NAMES):
        out = [(stamp, message) for stamp, message in outputs(system, name) if stamp >= first[name]]
        last = out[-1][0]
        records = logged_until(folder / f'frames-{name}.jsonl', last)
        published = [stamp for stamp in records if first[name] <= stamp <= last]
        assert [stamp for stamp, _ in out] == published
        scene = RoadScene(SEED + number)
        for stamp, message in out:
            image = np.ascontiguousarray(scene.frame(records[stamp].index).image)
            clean = runner.run_all(torch.from_numpy(image))['detections']
            wanted = as_array(detections_message(header_of(0, ''), clean))
            np.testing.assert_array_equal(as_array(message), wanted)


def test_the_dashboard_shows_the_camera_that_is_chosen(two_cameras, browser) -> None:
    system, _ = two_cameras
    if 'camera_front' not in system.system.nodes:
        system.start_camera()
    browser.get(dashboard_url(system.system))
    until(browser, lambda b: find(b, '#camera-select option'), 'no cameras to choose from')
    options = find(browser, '#camera-select option')
    assert [option.text for option in options] == list(NAMES)
    for name, option in [*zip(NAMES, options, strict=True)][::-1]:
        option.click()
        wanted = f'camera picture of {name}, '
        until(browser, lambda b, wanted=wanted: wanted in picture(b), f'no picture of {name}')
        until(browser, lambda b: 'frames/s' in text_of(b, '#camera-rate'), 'no rate')
    assert texts_of(browser, '#frames tbody th')[: len(NAMES)] == list(NAMES)
    until(
        browser,
        lambda b: all(f'{name}: ' in text_of(b, '#timeline') for name in NAMES),
        'not the stages of both cameras',
    )
    assert browser.get_log('browser') == []


def test_two_systems_in_one_domain_recover_each_by_itself(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        domain = stack.enter_context(own_domain())
        systems = {}
        for name in ('left', 'right'):
            folder = tmp_path / name
            chosen = options(folder, rate_hz=3.0)
            folder.mkdir()
            systems[name] = stack.enter_context(
                session(chosen, folder / 'log', PATIENT, namespace=name, domain=domain)
            )
            store = SHARED_MEMORY / f'restage-{os.getuid()}-{domain}-{name}'
            assert sorted(path.name for path in store.iterdir() if path.name in PATIENT) == [
                'detection_a',
                'detection_b',
            ]
        for system in systems.values():
            system.start_camera()
        for system in systems.values():
            assert system.observer.wait_for(lambda seen: len(seen.detections) >= 5, RESPAWN_S)
        left, right = systems['left'], systems['right']
        begun = left.observer.seen.detections[-1][0]
        injection = Injection(left.observer)
        event = injection.recovery_of(injection.inject('proc.kill', 'neck'))
        assert (event.outcome, event.tier, event.frames_lost) == (
            RecoveryEvent.RECOVERED,
            'failover',
            0,
        )
        for system in systems.values():
            have = len(system.observer.seen.detections)
            assert system.observer.wait_for(
                lambda seen, have=have: len(seen.detections) >= have + 5, PATIENCE_S
            )
        assert right.observer.seen.recoveries == []
        assert right.observer.seen.faults == []
        assert [name for name, _ in right.system.exits] == []
        for name, system in systems.items():
            seen = list(system.observer.seen.detections)
            out = [stamp for stamp, _, _ in seen if stamp >= begun]
            log = logged_until(tmp_path / name / 'frames.jsonl', out[-1])
            assert out == [stamp for stamp in log if begun <= stamp <= out[-1]]
            assert to_ns(seen[-1][2].header.stamp) == out[-1]
