"""Wherever the page and the gateway are to listen, the local start finds them and tells the others where they are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.local.ports import Wish, complaints
from deploy.local.probes import probes, readiness
from deploy.local.settings import LocalSettings, environment

OTHER_LOOPBACK = "127.0.0.2"


class _Well(BaseHTTPRequestHandler):
    """Answers 200 to every question that names a host of this machine."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Host"].startswith("localhost") else 421)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listen() -> Iterator[Callable[[str], int]]:
    """Starts a server at an address, on a free port, and returns the port."""
    servers: list[HTTPServer] = []

    def start(host: str) -> int:
        try:
            servers.append(HTTPServer((host, 0), _Well))
        except OSError:
            pytest.skip(f"this machine has no address {host}")
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return int(servers[-1].server_address[1])

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("bound", "gateway", "page"),
    [
        ("127.0.0.1", "http://127.0.0.1:7000", "http://localhost:7001"),
        ("0.0.0.0", "http://127.0.0.1:7000", "http://localhost:7001"),
        ("::", "http://[::1]:7000", "http://localhost:7001"),
        ("192.0.2.7", "http://192.0.2.7:7000", "http://192.0.2.7:7001"),
        ("2001:db8::7", "http://[2001:db8::7]:7000", "http://[2001:db8::7]:7001"),
    ],
)
def test_services_and_people_are_told_an_address_that_leads_to_what_is_bound(
    bound: str, gateway: str, page: str
) -> None:
    settings = LocalSettings(gateway_host=bound, gateway_port=7000, ui_host=bound, ui_port=7001)
    told = environment(settings)
    assert (told["DIGITSCRIBE_GATEWAY_URL"], settings.page_url) == (gateway, page)
    assert page in told["DIGITSCRIBE_TRUSTED_ORIGINS"].split(",")


def test_the_gateway_believes_the_page_wherever_they_are() -> None:
    told = environment(LocalSettings(gateway_host="192.0.2.7"))
    assert told["DIGITSCRIBE_TRUSTED_PROXIES"] == "127.0.0.1,::1,192.0.2.7"


@pytest.mark.parametrize("bound", ["127.0.0.1", "0.0.0.0", OTHER_LOOPBACK])
def test_what_listens_is_found_at_its_own_address(listen: Callable[[str], int], bound: str) -> None:
    settings = LocalSettings(ui_host=bound, ui_port=listen(bound), gateway_host=bound, gateway_port=listen(bound))
    questions = probes(settings)
    assert (questions["ui"](), questions["gateway"](), readiness(settings)) == (True, True, "")


def test_a_port_that_another_address_has_taken_is_free(listen: Callable[[str], int]) -> None:
    port = listen(OTHER_LOOPBACK)
    assert complaints([Wish("the page", "DIGITSCRIBE_UI_PORT", "127.0.0.1", port)]) == []
    assert complaints([Wish("the page", "DIGITSCRIBE_UI_PORT", OTHER_LOOPBACK, port)])
