# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the whole system without ros2 launch: for the demo, the benchmarks and the tests."""
