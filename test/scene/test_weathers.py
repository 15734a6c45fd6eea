# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from restage.scene.weathers import WEATHERS, make_weather


@pytest.mark.parametrize('name', WEATHERS)
def test_weather_is_seeded_and_well_formed(name):
    one = make_weather(name, np.random.default_rng(3))
    assert one == make_weather(name, np.random.default_rng(3))
    assert one.name == name
    assert np.isclose(np.linalg.norm(one.sun), 1.0)
    assert one.transmittance(0.0) == 1.0


def test_haze_veils_with_depth():
    fog = make_weather('fog', np.random.default_rng(3))
    near, far = fog.tint((0, 0, 0), 5.0), fog.tint((0, 0, 0), 60.0)
    assert far[0] > near[0]


def test_unknown_weather():
    with pytest.raises(ValueError, match='choose one of: day'):
        make_weather('hail', np.random.default_rng(1))
