# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Lifecycle transitions that say why they failed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn

from restage.checkpoint.errors import StoreError

Transition = Callable[[Any, LifecycleState], TransitionCallbackReturn]


def logged(
    transition: Transition, *, unforeseen: Callable[[Exception], None] = lambda _error: None
) -> Transition:
    """
    Tell the node's ``fail`` what a transition raises, which rclpy would swallow; let it fail.

    What the user can mend is said as it is, anything else with the name of the error; then
    ``unforeseen`` is called with it.
    """

    @wraps(transition)
    def wrapper(node: Any, state: LifecycleState) -> TransitionCallbackReturn:
        try:
            return transition(node, state)
        except (ValueError, StoreError, OSError) as error:
            node.fail(f'{transition.__name__.removeprefix("on_")}: {error}')
        except Exception as error:
            node.fail(f'{transition.__name__}: {type(error).__name__}: {error}')
            unforeseen(error)
        return TransitionCallbackReturn.FAILURE

    return wrapper
