# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from restage.scene.slots import Slot, locate

SLOT = Slot(index=3, kind='car', x=1.0, relative=-10.0, near=0.0, far=50.0, phase=20.0)


def test_motion_and_respawn():
    assert locate(SLOT, 0.0).z == pytest.approx(20.0)
    assert locate(SLOT, 1.0).z == pytest.approx(10.0)
    later = locate(SLOT, 3.0)
    assert later.z == pytest.approx(40.0)
    assert later.spawn == -1
    assert later.track_id != locate(SLOT, 0.0).track_id


def test_drift_counts_from_the_spawn():
    slot = Slot(
        index=1, kind='p', x=0.0, relative=-10.0, near=0.0, far=50.0, phase=50.0 - 1e-9, drift=2.0
    )
    assert locate(slot, 0.0).x == pytest.approx(0.0, abs=1e-6)
    assert locate(slot, 2.0).x == pytest.approx(4.0)


def test_looks_depend_on_seed_slot_and_spawn_only():
    place = locate(SLOT, 0.0)
    assert place.generator(1).random() == locate(SLOT, 0.5).generator(1).random()
    assert place.generator(1).random() != place.generator(2).random()
