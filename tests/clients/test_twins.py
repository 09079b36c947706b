"""The two clients can the same, and mean the same by it: one awaits where the other blocks, and that is all."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from digitscribe_client import AsyncDigitscribe, Digitscribe

WIDER = {"recognize_many": ("images",)}
"""Parameters of which the awaiting client takes more kinds: those that come asynchronously."""


def methods(client: type) -> dict[str, Callable[..., Any]]:
    return {name: method for name, method in vars(client).items() if inspect.isfunction(method) and name[0] != "_"}


BLOCKING, AWAITING = methods(Digitscribe), methods(AsyncDigitscribe)


def test_neither_can_what_the_other_cannot() -> None:
    assert BLOCKING.keys() == AWAITING.keys()


@pytest.mark.parametrize("name", BLOCKING)
def test_a_method_takes_and_gives_the_same_in_both(name: str) -> None:
    one, other = inspect.signature(BLOCKING[name]), inspect.signature(AWAITING[name])
    wider = WIDER.get(name, ())
    kept = [[each for each in signature.parameters.values() if each.name not in wider] for signature in (one, other)]
    assert kept[0] == kept[1]
    assert one.return_annotation == re.sub("^Async(?=Iterator)", "", other.return_annotation)


def test_both_are_made_alike() -> None:
    one, other = inspect.signature(Digitscribe), inspect.signature(AsyncDigitscribe)
    assert [(each.name, each.default) for each in one.parameters.values()] == [
        (each.name, each.default) for each in other.parameters.values()
    ]
