# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Tell the running recovery node which policy to follow."""

from __future__ import annotations

from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client

from restage.harness.observer import Observer

TIMEOUT_S = 20.0


class PolicySwitch:
    """Sets ``recovery_policy`` through the parameter service, as ``ros2 param set`` would."""

    def __init__(self, observer: Observer) -> None:
        """Call from ``observer``'s node, which is spun already."""
        self._observer = observer
        self._client: Client = observer.node.create_client(SetParameters, 'recovery/set_parameters')

    def set(self, policy: str) -> None:
        """
        Set the policy.

        :raises TimeoutError: when the recovery node does not answer.
        :raises ValueError: when it refuses.
        """
        value = ParameterValue(type=ParameterType.PARAMETER_STRING, string_value=policy)
        request = SetParameters.Request(parameters=[Parameter(name='recovery_policy', value=value)])
        if not self._client.wait_for_service(TIMEOUT_S):
            raise TimeoutError('the recovery node has no parameter service')
        future = self._client.call_async(request)
        # The observer's thread spins; any message wakes the wait.
        if not self._observer.wait_for(lambda _: future.done(), TIMEOUT_S):
            raise TimeoutError('the recovery node did not answer')
        result = future.result().results[0]
        if not result.successful:
            raise ValueError(result.reason)
