# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""How the page looks: by daylight and in the dark, on a wide screen and on a phone."""

STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --ink: #1a202c; --quiet: #56606e;
  --line: #d5dae1; --stripe: #f5f7fa; --good: #00694d; --bad: #a63b00; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14181f; --ink: #e6eaf0; --quiet: #a3aebd; --line: #38414e; --stripe: #1c222b;
    --good: #4fd1a5; --bad: #ff9a5c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 1rem; background: var(--back);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap; }
thead th { vertical-align: bottom; white-space: normal; }
th[scope=row], thead th:first-child, .words td, .words th { text-align: left; }
.words th[scope=row], .words td:last-child { white-space: normal; min-width: 12rem; }
th[scope=row] { font-weight: 500; }
tbody tr:nth-child(even) { background: var(--stripe); }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 700; }
.quiet { color: var(--quiet); }
figure { margin: 1rem 0; }
figure img { display: block; width: 100%; min-width: 820px; border-radius: 4px; background: #fff; }
figcaption { color: var(--quiet); font-size: .9rem; margin-top: .25rem; }
pre { overflow-x: auto; padding: .75rem; background: var(--stripe); border-radius: 4px; }
"""
