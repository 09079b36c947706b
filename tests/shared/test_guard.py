"""Who may ask, for whatever a stranger writes into the headers."""

from __future__ import annotations

import contextlib

import pytest
from digitscribe.errors import ForeignOrigin, UnknownHost
from digitscribe.guard import Guard, listed
from hypothesis import given
from hypothesis import strategies as st

CLOSED = Guard("ui_hosts")
TRUSTING = Guard("gateway_hosts", origins=listed("http://localhost:8000, https://Digits.example/"))


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_host_header_is_let_in_or_refused(host: str) -> None:
    with contextlib.suppress(UnknownHost):  # any other error fails the test
        CLOSED.check("GET", host, None, None)


@given(st.from_regex(r"[a-z]{1,20}(\.[a-z]{2,10}){1,3}(:[0-9]{1,5})?", fullmatch=True))
def test_public_names_are_refused_unless_they_are_set(host: str) -> None:
    name = host.partition(":")[0]
    if name.endswith((".local", ".localhost", ".internal", ".home.arpa", ".lan")):
        return
    with pytest.raises(UnknownHost):
        CLOSED.check("GET", host, None, None)
    Guard("ui_hosts", frozenset({name})).check("GET", host, None, None)


PRIVATE = ("", "localhost", "gateway:8080", "box", "box.local:8080", "box.lan", "host.docker.internal:8080")
ADDRESSES = ("127.0.0.1:8080", "192.168.1.20", "[::1]:8080", "LOCALHOST:8080", "gateway.ours.svc.cluster.local")


@pytest.mark.parametrize("host", [*PRIVATE, *ADDRESSES])
def test_addresses_and_names_that_nobody_can_register_are_answered(host: str) -> None:
    CLOSED.check("GET", host, None, None)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "1.1.evil.example"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_rebound_name_is_refused_whatever_it_asks(host: str, method: str) -> None:
    with pytest.raises(UnknownHost, match="DIGITSCRIBE_UI_HOSTS="):
        CLOSED.check(method, host, f"http://{host}", "same-origin")


@given(st.text(st.characters(codec="latin-1"), max_size=60), st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]))
def test_only_the_own_origin_may_change_things(origin: str, method: str) -> None:
    if origin.lower() not in ("http://localhost:8000", "https://localhost:8000"):
        with pytest.raises(ForeignOrigin):
            CLOSED.check(method, "localhost:8000", origin, None)


@pytest.mark.parametrize("origin", ["http://localhost:8000", "https://localhost:8000", None])
def test_own_page_and_programs_may(origin: str | None) -> None:
    CLOSED.check("POST", "localhost:8000", origin, None)


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:8080", None, None),
        ("localhost:8080", None, "same-origin"),
        ("localhost:8080", "http://localhost:8000", "same-site"),
        ("gateway:8080", "https://digits.example", "cross-site"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", "same-origin"),
        ("[::1]:8080", "http://[::1]:8080", "same-origin"),
        ("box.local", "http://box.local", None),
    ],
)
def test_programs_and_trusted_pages_may(host: str, origin: str | None, site: str | None) -> None:
    TRUSTING.check("POST", host, origin, site)


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("localhost:8080", "http://evil.example", None),
        ("localhost:8080", "null", None),
        ("localhost:8080", "", None),
        ("localhost:8080", None, "cross-site"),
        ("localhost:8080", "http://localhost:9999", None),
        ("localhost:8080", "http://localhost:8000.evil.example", None),
        ("x", "http://[", None),
        ("", "http://", None),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_other_pages_may_not(method: str, host: str, origin: str | None, site: str | None) -> None:
    with pytest.raises(ForeignOrigin):
        TRUSTING.check(method, host, origin, site)


def test_every_page_may_ask_for_what_browsers_will_not_show_it() -> None:
    TRUSTING.check("GET", "localhost", "http://evil.example", "cross-site")
