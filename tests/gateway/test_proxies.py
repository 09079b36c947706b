"""Whose request it is, where proxies stand between: believed as far as they are trusted, and no further."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from gateway.proxies import RESOLVED_S, TrustedProxies
from hypothesis import given
from hypothesis import strategies as st

LISTED = "127.0.0.1, ::1, 10.0.0.0/8"


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.9", "192.0.2.7", "192.0.2.9"),
        ("127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.1, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("::ffff:127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", "192.0.2.7, nonsense", "127.0.0.1"),
        ("127.0.0.1", "unknown, 10.1.2.3", "10.1.2.3"),
        ("", "192.0.2.7", ""),
    ],
)
def test_a_proxy_is_believed_only_if_it_is_trusted(peer: str, forwarded: str, client: str) -> None:
    assert TrustedProxies(LISTED).client_of(peer, forwarded) == client


@given(st.text())
def test_whatever_is_sent_nobody_is_believed_unless_told_so(forwarded: str) -> None:
    assert TrustedProxies("").client_of("192.0.2.9", forwarded) == "192.0.2.9"


def test_a_name_means_the_addresses_that_it_has_now() -> None:
    addresses, now_s = ["172.18.0.5"], [0.0]
    proxies = TrustedProxies("ui", resolve=lambda _: addresses, clock=lambda: now_s[0])
    assert proxies.client_of("172.18.0.5", "192.0.2.7") == "192.0.2.7"
    assert proxies.client_of("172.18.0.9", "192.0.2.7") == "172.18.0.9"
    addresses[:] = ["172.18.0.9"]
    now_s[0] += RESOLVED_S
    assert proxies.client_of("172.18.0.9", "192.0.2.7") == "192.0.2.7"


@pytest.mark.parametrize(("trusted", "statuses"), [("127.0.0.1", [202, 202, 429]), ("", [202, 429, 429])])
def test_the_rate_limit_is_each_clients_own(
    make_app: Callable[..., Flask], png: bytes, monkeypatch: pytest.MonkeyPatch, trusted: str, statuses: list[int]
) -> None:
    monkeypatch.setattr("gateway.services.MAX_IMAGES", 1)
    client = make_app(trusted_proxies=trusted, rate_limit_per_s=1).test_client()
    given_by = ("192.0.2.1", "192.0.2.2", "192.0.2.2")
    answers = [
        client.post("/v1/recognitions", data=png, content_type="image/png", headers={"X-Forwarded-For": address})
        for address in given_by
    ]
    assert [each.status_code for each in answers] == statuses
