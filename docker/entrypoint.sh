#!/bin/bash
# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
# Run a command with ROS 2, the workspace and the environment of the nodes.
set -e
source "/opt/ros/$ROS_DISTRO/setup.bash"
source /opt/restage/install/setup.bash
source "$VENV/bin/activate"
# What the launch files choose, for what is started without them.
eval "$(python3 -m restage.harness.environment)"
exec "$@"
