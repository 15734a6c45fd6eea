# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""The dashboard of a live system in a real browser: faults by button, recoveries in the feed."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from restage.harness.dashboard import dashboard_url

from .live import RESPAWN_S, Live, running

webdriver = pytest.importorskip('selenium.webdriver', reason='selenium is not installed')
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.e2e

CHROMIUM, DRIVER = shutil.which('chromium'), shutil.which('chromedriver')
SWITCHES = (
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
)
PHONE, LAPTOP = (390, 844), (1366, 768)


@pytest.fixture(scope='module')
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    if CHROMIUM is None or DRIVER is None:
        pytest.skip('no browser on this machine: apt-get install chromium chromium-driver')
    folder = tmp_path_factory.mktemp('dashboard')
    with running(folder, {}, dashboard=True, dashboard_port=0, rate_hz=5.0) as system:
        yield system


@pytest.fixture(scope='module')
def browser(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in (*SWITCHES, f'--user-data-dir={tmp_path_factory.mktemp("chromium")}'):
        options.add_argument(switch)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def until(browser: Any, condition: Callable[[Any], Any], what: str) -> Any:
    return WebDriverWait(browser, RESPAWN_S).until(condition, what)


def text_of(browser: Any, selector: str) -> str:
    return str(browser.find_element(By.CSS_SELECTOR, selector).get_property('textContent'))


def size(browser: Any, shape: tuple[int, int]) -> None:
    metrics = {'width': shape[0], 'height': shape[1], 'deviceScaleFactor': 1, 'mobile': False}
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', metrics)


def test_a_kill_by_button_is_seen_as_a_failover(live: Live, browser: Any) -> None:
    size(browser, LAPTOP)
    browser.get(dashboard_url(live.session.system))
    until(browser, lambda b: text_of(b, '#mode') == 'faults allowed', 'faults are not allowed')
    assert '#' not in browser.current_url
    until(browser, lambda b: 'camera picture' in picture(b), 'no picture came')
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, '.track span'), 'no stage was drawn')
    primary = live.primary()
    assert primary in text_of(browser, '#summary')
    old = live.beat(primary).pid
    browser.find_element(By.CSS_SELECTOR, 'button[data-kind="proc.kill"]').click()
    entry = '#feed [data-kind="proc.kill"][data-outcome="recovered"]'
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, entry), 'no failover in the feed')
    said = text_of(browser, entry)
    assert 'failover by' in said
    assert primary in said
    for phase in ('detected', 'decided', 'restored', 'resumed', 'first good output'):
        assert phase in said
    assert 'worst of 1 recovery' in text_of(browser, '#budget-said')
    live.wait_for_standby(primary, old)
    until(
        browser,
        lambda b: 'started again 1×' in text_of(b, f'[data-node="{primary}"]'),
        'the node was not seen to come back',
    )
    assert browser.get_log('browser') == []


def test_a_fault_is_injected_with_the_keyboard_alone(live: Live, browser: Any) -> None:
    button = browser.find_element(By.CSS_SELECTOR, 'button[data-kind="nn.stage.exception"]')
    browser.execute_script("document.getElementById('fault-target').focus()")
    order = []
    while browser.switch_to.active_element != button:
        browser.switch_to.active_element.send_keys(Keys.TAB)
        order.append(browser.switch_to.active_element.get_attribute('data-kind'))
        assert len(order) < 60
    # In the order in which they are seen.
    seen = 'return [...document.querySelectorAll("button:enabled")].map(b => b.dataset.kind)'
    kinds = browser.execute_script(seen)
    assert order[1:] == kinds[: kinds.index('nn.stage.exception') + 1]
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    entry = '#feed [data-kind="nn.stage.exception"][data-outcome="recovered"]'
    until(browser, lambda b: b.find_elements(By.CSS_SELECTOR, entry), 'no recovery in the feed')
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
    assert browser.find_elements(By.CSS_SELECTOR, 'button') == []
    assert browser.get_log('browser') == []


def test_a_bad_request_does_it_no_harm(live: Live) -> None:
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


def picture(browser: Any) -> str:
    return str(browser.find_element(By.ID, 'picture').get_attribute('aria-label'))
