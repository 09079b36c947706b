"""Who may ask, for whatever a stranger writes into the headers."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.errors import ForeignOrigin, UnknownHost
from ui.guard import check_host, check_origin

NO_NAMES: frozenset[str] = frozenset()


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_host_header_is_let_in_or_refused(host: str) -> None:
    with contextlib.suppress(UnknownHost):  # any other error fails the test
        check_host(host, NO_NAMES)


@given(st.from_regex(r"[a-z]{1,20}(\.[a-z]{2,10}){1,3}(:[0-9]{1,5})?", fullmatch=True))
def test_public_names_are_refused_unless_they_are_set(host: str) -> None:
    name = host.partition(":")[0]
    if name.endswith((".local", ".localhost", ".internal")):
        return
    with pytest.raises(UnknownHost):
        check_host(host, NO_NAMES)
    check_host(host, frozenset({name}))


@given(st.text(st.characters(codec="latin-1"), max_size=60), st.sampled_from(["POST", "PUT", "PATCH", "DELETE"]))
def test_only_the_own_origin_may_change_things(origin: str, method: str) -> None:
    if origin and origin not in ("http://localhost:8000", "https://localhost:8000"):
        with pytest.raises(ForeignOrigin):
            check_origin(method, "localhost:8000", origin, None)


@pytest.mark.parametrize("origin", ["http://localhost:8000", "https://localhost:8000", None])
def test_own_page_and_programs_may(origin: str | None) -> None:
    check_origin("POST", "localhost:8000", origin, None)
