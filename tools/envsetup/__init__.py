# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""What `make setup` does, in steps that say what they do; standard library only."""
