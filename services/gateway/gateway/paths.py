"""The numbers in calls' paths, which come as any text."""

from __future__ import annotations

from digitscribe.errors import NotFound

_SHOWN = 20
"""So much of a text that is no number is told back."""


def digit_index(text: str) -> int:
    """The place of a digit in its recognition; NotFound for what can be none."""
    return _number(text, "digit", 5)


def version_number(text: str) -> int:
    """A version of the model; NotFound for what can be none."""
    return _number(text, "version", 9)


def _number(text: str, what: str, longest: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= longest):
        raise NotFound(f"there is no {what} {text[:_SHOWN]!r}")
    return int(text)
