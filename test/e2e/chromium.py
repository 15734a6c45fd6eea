# Copyright 2026 The Restage Authors
# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium for the tests of the dashboard, and what they wait for in it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .live import RESPAWN_S

BROWSER, DRIVER = shutil.which('chromium'), shutil.which('chromedriver')
SWITCHES = (
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
)


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """Start the browser with a profile of its own; without one, the test is skipped."""
    webdriver = pytest.importorskip('selenium.webdriver', reason='selenium is not installed')
    if BROWSER is None or DRIVER is None:
        pytest.skip('no browser on this machine: apt-get install chromium chromium-driver')
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for switch in (*SWITCHES, f'--user-data-dir={profile}'):
        options.add_argument(switch)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def until(browser: Any, condition: Callable[[Any], Any], what: str) -> Any:
    """Wait for a condition of the page, which may replace an element that is being looked at."""
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.ui import WebDriverWait

    replaced = [StaleElementReferenceException]
    return WebDriverWait(browser, RESPAWN_S, ignored_exceptions=replaced).until(condition, what)


def find(browser: Any, selector: str) -> list[Any]:
    """Return the elements that a CSS selector names."""
    return list(browser.find_elements('css selector', selector))


def press(browser: Any, selector: str) -> None:
    """Click on the first element that a CSS selector names."""
    until(browser, lambda b: find(b, selector)[0].click() or True, f'{selector} cannot be pressed')


def press_key(browser: Any, key: str) -> None:
    """Press a key, whichever element has the focus."""
    from selenium.webdriver import ActionChains

    ActionChains(browser).send_keys(key).perform()


def text_of(browser: Any, selector: str) -> str:
    """Return the text of an element, also where it is not in sight; empty where there is none."""
    return next(iter(texts_of(browser, selector)), '')


def texts_of(browser: Any, selector: str) -> list[str]:
    """Return the texts of all elements that a CSS selector names, at one moment."""
    script = 'return [...document.querySelectorAll(arguments[0])].map(one => one.textContent)'
    return [str(text) for text in browser.execute_script(script, selector)]


def picture(browser: Any) -> str:
    """Return what the page says of the picture that it shows."""
    return str(browser.find_element('id', 'picture').get_attribute('aria-label'))


def size(browser: Any, shape: tuple[int, int]) -> None:
    """Give the page a size, in CSS pixels."""
    metrics = {'width': shape[0], 'height': shape[1], 'deviceScaleFactor': 1, 'mobile': False}
    browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', metrics)
