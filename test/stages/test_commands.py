# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time

from restage.stages.commands import Order, OrderBox, Tier

DEADLINE_S = 60.0


def retry(stamp_ns: int, boundary: int = 1) -> Order:
    return Order(stamp_ns, Tier.RETRY_STAGE, boundary)


def test_only_an_order_for_the_awaited_frame_is_taken() -> None:
    box = OrderBox()
    assert not box.give(retry(1))
    box.expect(1)
    assert not box.give(retry(2))
    assert box.give(retry(1))
    assert box.wait(DEADLINE_S) == retry(1)


def test_an_order_given_between_the_report_and_the_wait_is_not_lost() -> None:
    box = OrderBox()
    box.expect(1)
    assert box.give(retry(1))
    assert box.wait(0.0) == retry(1)


def test_an_order_from_another_thread_ends_the_wait_at_once() -> None:
    box = OrderBox()
    box.expect(1)
    taken: list[bool] = []
    giver = threading.Thread(target=lambda: taken.append(box.give(retry(1))))
    giver.start()
    begun = time.monotonic()
    assert box.wait(DEADLINE_S) == retry(1)
    assert time.monotonic() - begun < DEADLINE_S
    giver.join()
    assert taken == [True]


def test_no_order_within_the_deadline_is_none_and_a_late_one_is_refused() -> None:
    box = OrderBox()
    box.expect(1)
    begun = time.monotonic()
    assert box.wait(0.02) is None
    assert time.monotonic() - begun >= 0.02
    assert not box.give(retry(1))


def test_an_order_is_refused_once_another_was_carried_out() -> None:
    box = OrderBox()
    box.expect(1)
    assert box.give(retry(1))
    assert box.wait(DEADLINE_S) is not None
    assert not box.give(retry(1))


def test_a_second_error_of_the_frame_does_not_get_the_order_for_the_first() -> None:
    box = OrderBox()
    box.expect(1)
    box.give(retry(1, boundary=2))
    assert box.wait(DEADLINE_S) == retry(1, boundary=2)
    box.expect(1, 1)
    assert box.wait(0.001) is None


def test_an_order_that_comes_too_late_is_not_taken_for_the_next_error_of_the_frame() -> None:
    box = OrderBox()
    box.expect(1, 0)
    assert box.wait(0.0) is None
    box.expect(1, 1)
    assert not box.give(retry(1))
    fitting = Order(1, Tier.RELOAD_WEIGHTS, -1, 1)
    assert box.give(fitting)
    assert box.wait(DEADLINE_S) == fitting
