# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""Sphinx: `make docs`. The root of the repository is its source: links fit GitHub, too."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

project = 'Restage'
author = 'The Restage Authors'
copyright = '2026, The Restage Authors'  # noqa: A001 - the name that Sphinx wants
(release,) = re.findall('<version>(.*)</version>', (ROOT / 'package.xml').read_text())

extensions = ['myst_parser']
root_doc = 'docs/index'
include_patterns = [
    'docs/**/*.md',
    'docs/*.md',
    'docker/README.md',
    'src/restage/**/MODEL_CARD*.md',
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'QUALITY_DECLARATION.md',
]
# Not even looked through.
exclude_patterns = ['.venv', '.git', 'build', 'install', 'log', 'report', 'ros_ws', 'test']
# Links to headings, named as GitHub names them.
myst_heading_anchors = 4

html_theme = 'furo'
html_title = f'Restage {release}'
html_copy_source = False
html_show_sphinx = False
html_static_path = ['site/static']
html_css_files = ['wide.css']
# index.html, which leads to docs/index.html.
html_extra_path = ['site/root']
