# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Where frames come from: sources, their conversion to BGR, and the pace they are sent at."""
