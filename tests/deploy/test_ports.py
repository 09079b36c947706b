"""Ports are asked for before anything starts."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from deploy.local.ports import Wish, complaints
from tests.ports import free_port


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_named_with_its_holder_and_the_variable_that_changes_it(taken_port: int) -> None:
    (sentence,) = complaints([Wish("the page", "DIGITSCRIBE_UI_PORT", "127.0.0.1", taken_port)])
    assert f"Port {taken_port} for the page" in sentence
    assert "DIGITSCRIBE_UI_PORT=" in sentence
    assert f"(process {os.getpid()})" in sentence


def test_a_port_on_all_interfaces_is_taken_if_one_interface_is(taken_port: int) -> None:
    assert complaints([Wish("the page", "DIGITSCRIBE_UI_PORT", "0.0.0.0", taken_port)])


def test_a_free_port_is_no_reason_to_complain() -> None:
    assert complaints([Wish("the page", "DIGITSCRIBE_UI_PORT", "127.0.0.1", free_port())]) == []


def test_two_services_cannot_have_the_same_port() -> None:
    port = free_port()
    page = Wish("the page", "DIGITSCRIBE_UI_PORT", "127.0.0.1", port)
    gateway = Wish("the gateway", "DIGITSCRIBE_GATEWAY_PORT", "127.0.0.1", port)
    (sentence,) = complaints([page, gateway])
    assert "DIGITSCRIBE_UI_PORT or DIGITSCRIBE_GATEWAY_PORT" in sentence
