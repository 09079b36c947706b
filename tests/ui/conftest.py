"""The page in front of a stub gateway, and a real Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.ports import free_port
from tests.ui import stub_gateway

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Ui:
    """The running page, and the port where it looks for its gateway."""

    url: str
    gateway_port: int
    pid: int


@pytest.fixture(scope="session")
def ui() -> Iterator[Ui]:
    """The page as it runs in production, its gateway's port still silent."""
    port, gateway_port = free_port(), free_port()
    env = os.environ | {
        "DIGITSCRIBE_UI_PORT": str(port),
        "DIGITSCRIBE_GATEWAY_URL": f"http://127.0.0.1:{gateway_port}",
        "http_proxy": "http://127.0.0.1:9",  # a proxy of the machine must not come between page and gateway
    }
    process = subprocess.Popen([sys.executable, "-m", "ui"], env=env)
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield Ui(f"http://127.0.0.1:{port}", gateway_port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(200):
        try:
            opener.open(url, timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")


class RunningStub:
    """A stub gateway that can be stopped and started again on its port."""

    def __init__(self, port: int) -> None:
        self.stub = stub_gateway.StubGateway()
        self._port = port
        self.start()

    def start(self) -> None:
        self._server = stub_gateway.serve_stub(self.stub, self._port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self.stub.hang_up()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def running(ui: Ui) -> Iterator[RunningStub]:
    """A fresh stub gateway behind the page."""
    running = RunningStub(ui.gateway_port)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers; one for all, for two do not live in one thread."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A real Chromium: Debian's where there is one, else playwright's own."""
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser, ui: Ui, running: RunningStub) -> Iterator[Page]:
    """The page, open; a script error or a forbidden resource fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    page.goto(ui.url)
    # Chromium drops what is loading when the machine's networks change (containers do that); the page asks again
    expect(page.locator("#nav a")).not_to_have_count(0, timeout=20_000)
    yield page
    context.close()
    assert faults == []
