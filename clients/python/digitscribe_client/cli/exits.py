"""Exit statuses, and what each error means as one."""

from __future__ import annotations

from ..errors import DigitscribeError, NoConnection, TryLater, UnexpectedAnswer

DONE = 0
FAILED = 1
NO_CONNECTION = 3
INTERRUPTED = 130

TEXT = """\
0    all is done, every image was read
1    some images could not be read, or the gateway refused what was asked
2    the command line makes no sense
3    no gateway answers, or it stayed busy for longer than the patience lasted
130  interrupted with Ctrl-C"""
"""The statuses, for the help."""


def status_of(error: DigitscribeError) -> int:
    """The exit status for `error`."""
    return NO_CONNECTION if isinstance(error, NoConnection | TryLater | UnexpectedAnswer) else FAILED
