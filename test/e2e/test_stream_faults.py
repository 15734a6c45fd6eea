# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of the images on their way: counted where they are lost, never harming a detector."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from restage_msgs.msg import FaultEvent, StageStatus

from restage.faults.enums import Persistence
from restage.nodes.stamps import to_ns

from .live import Live, running

pytestmark = pytest.mark.e2e


@pytest.fixture(scope='module')
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A system with a proxy between camera and detectors."""
    with running(tmp_path_factory.mktemp('proxied'), {}, fault_proxy=True) as system:
        yield system


def strike(live: Live, kind: str, **parameters) -> int:
    """Inject a fault; return the stamp of the image it hit."""
    fault = live.injection.inject(kind, **parameters)
    events = live.session.observer.seen.faults
    (event,) = [e for e in events if e.id == fault and e.state == FaultEvent.FIRED][:1]
    assert event.node == 'fault_proxy'
    return to_ns(event.frame)


def test_without_a_fault_the_proxy_changes_nothing(proxied) -> None:
    proxied.assert_undisturbed(proxied.stamps_out()[-1])


@pytest.mark.parametrize('kind', ['input.drop', 'comm.drop'])
def test_an_image_that_never_came_is_the_only_one_missing(proxied, kind) -> None:
    stamp = strike(proxied, kind)
    proxied.wait_past(stamp, 6)
    out = proxied.stamps_out()
    since = [s for s in proxied.records() if stamp <= s <= out[-1]]
    assert [s for s in since if s not in out] == [stamp]
    proxied.assert_once_in_order()


@pytest.mark.parametrize(
    ('kind', 'parameters'),
    [
        ('input.freeze', {}),
        ('input.partial_loss', {'fraction': 0.5}),
        ('input.noise', {'sigma': 40.0}),
        ('input.bit_corrupt', {'count': 100_000}),
        ('input.delay', {'delay_ms': 150.0}),
    ],
)
def test_a_bad_image_is_worked_on_as_it_came(proxied, kind, parameters) -> None:
    stamp = strike(proxied, kind, **parameters)
    proxied.wait_past(stamp, 6)
    out = proxied.stamps_out()
    proxied.assert_all_out_once_in_order(stamp, out[-1])
    proxied.assert_undisturbed(out[-1])


@pytest.mark.parametrize(
    ('kind', 'parameters'), [('input.reorder', {}), ('comm.delay', {'delay_ms': 2000.0})]
)
def test_an_image_that_was_overtaken_does_not_come_out_after_a_newer_one(
    proxied, kind, parameters, until
) -> None:
    lost_before = proxied.report().frames_lost
    stamp = strike(proxied, kind, **parameters)
    proxied.wait_for_status(state=StageStatus.DROPPED, detector='out_of_order', stamp_ns=stamp)
    proxied.wait_for_more(8)
    out = proxied.stamps_out()
    since = [s for s in proxied.records() if stamp <= s <= out[-1]]
    assert [s for s in since if s not in out] == [stamp]
    proxied.assert_once_in_order()
    # One that newer ones have long passed was taken for lost on its way before it came.
    until(lambda: proxied.report().frames_lost > lost_before, 'it counts as lost')


def test_after_a_cut_link_images_come_through_again(proxied) -> None:
    stamp = strike(proxied, 'comm.partition', partition_ms=600.0)
    proxied.wait_past(stamp, 5)
    out = proxied.stamps_out()
    missing = [s for s in proxied.records() if stamp <= s <= out[-1] and s not in out]
    assert len(missing) >= 4
    proxied.assert_once_in_order()
    proxied.assert_undisturbed(out[-1])
    assert proxied.session.system.exits == []


def test_an_intermittent_loss_ends_by_itself(proxied) -> None:
    proxied.injection.inject('input.drop', persistence=Persistence.INTERMITTENT, duration_s=0.5)
    assert proxied.session.observer.wait_for(
        lambda seen: [e for e in seen.faults if 'are over' in e.detail], 30.0
    )
    proxied.wait_for_more(5)
    proxied.assert_undisturbed(proxied.stamps_out()[-1])
