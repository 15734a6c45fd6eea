# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Known vulnerabilities of what is installed in .venv (`make audit`)."""
