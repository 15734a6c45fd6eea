# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The dashboard of a live system in a real browser: faults by button, recoveries in the feed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from restage.harness.dashboard import dashboard_url

from .chromium import find, picture, press, press_key, size, text_of, until
from .live import Live, running

pytestmark = pytest.mark.e2e

PHONE, LAPTOP = (390, 844), (1366, 768)
TAB, ENTER = '\ue004', '\ue007'


@pytest.fixture(scope='module')
def live(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp('dashboard')
    with running(folder, {}, dashboard=True, dashboard_port=0, rate_hz=5.0) as system:
        yield system


def test_a_kill_by_button_is_seen_as_a_failover(live: Live, browser: Any) -> None:
    size(browser, LAPTOP)
    browser.get(dashboard_url(live.session.system))
    until(browser, lambda b: text_of(b, '#mode') == 'faults allowed', 'faults are not allowed')
    assert '#' not in browser.current_url
    until(browser, lambda b: 'camera picture' in picture(b), 'no picture came')
    until(browser, lambda b: find(b, '.track span'), 'no stage was drawn')
    primary = live.primary()
    until(browser, lambda b: primary in text_of(b, '#summary'), 'the primary is not named')
    old = live.beat(primary).pid
    press(browser, 'button[data-kind="proc.kill"]')
    entry = '#feed [data-kind="proc.kill"][data-outcome="recovered"]'
    until(browser, lambda b: find(b, entry), 'no failover in the feed')
    said = text_of(browser, entry)
    assert 'failover by' in said
    assert primary in said
    for phase in ('detected', 'decided', 'restored', 'resumed', 'first good output'):
        assert phase in said
    until(
        browser,
        lambda b: 'worst of 1 recovery' in text_of(b, '#budget-said'),
        'the recovery is not in the budget',
    )
    live.wait_for_standby(primary, old)
    until(
        browser,
        lambda b: 'started again 1×' in text_of(b, f'[data-node="{primary}"]'),
        'the node was not seen to come back',
    )
    assert browser.get_log('browser') == []


def test_a_fault_is_injected_with_the_keyboard_alone(live: Live, browser: Any) -> None:
    focused = 'return document.activeElement.dataset.kind'
    browser.execute_script("document.getElementById('fault-target').focus()")
    order = []
    while order[-1:] != ['nn.stage.exception']:
        press_key(browser, TAB)
        order.append(browser.execute_script(focused))
        assert len(order) < 60
    # In the order in which they are seen.
    seen = 'return [...document.querySelectorAll("button:enabled")].map(b => b.dataset.kind)'
    kinds = browser.execute_script(seen)
    assert order[1:] == kinds[: kinds.index('nn.stage.exception') + 1]
    press_key(browser, ENTER)
    entry = '#feed [data-kind="nn.stage.exception"][data-outcome="recovered"]'
    until(browser, lambda b: find(b, entry), 'no recovery in the feed')
    assert 'retry stage' in text_of(browser, entry)


def test_it_fits_a_phone_and_a_laptop(browser: Any) -> None:
    wide = 'return [document.documentElement.scrollWidth, window.innerWidth]'
    for shape in (PHONE, LAPTOP):
        size(browser, shape)
        content, window = browser.execute_script(wide)
        assert content <= window == shape[0]


def test_it_is_dark_where_the_user_wants_that(browser: Any) -> None:
    def shade(scheme: str) -> int:
        feature = {'name': 'prefers-color-scheme', 'value': scheme}
        browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {'features': [feature]})
        colour = browser.execute_script('return getComputedStyle(document.body).backgroundColor')
        return sum(int(part) for part in colour[4:-1].split(','))

    assert shade('dark') < 150 < 600 < shade('light')


def test_without_the_token_the_page_is_read_only(live: Live, browser: Any) -> None:
    browser.execute_script('sessionStorage.clear()')
    place, _, _ = dashboard_url(live.session.system).partition('#')
    browser.get(place)
    until(browser, lambda b: 'Read-only' in text_of(b, '#faults'), 'it is not read-only')
    assert find(browser, 'button') == []
    assert browser.get_log('browser') == []


def test_a_bad_request_does_it_no_harm(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('no_proxy', '*')
    place, _, token = dashboard_url(live.session.system).partition('#token=')
    body = json.dumps({'kind': 'no.such'}).encode()
    headers = {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'}
    request = urllib.request.Request(f'{place}inject', body, headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 400
    with urllib.request.urlopen(place, timeout=20) as answer:
        assert answer.status == 200
    assert 'Traceback' not in live.session.system.nodes['dashboard'].text()
