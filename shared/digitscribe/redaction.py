"""Keeps the credentials of cameras' URLs out of logs and answers."""

from __future__ import annotations

import re

HIDDEN = "***"

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>\S+)")
_QUERY = re.compile(r"(?P<mark>[?#]).*", re.DOTALL)


def redact(text: str) -> str:
    """`text` with user names, passwords, queries and fragments of all URLs in it replaced by `***`.

    Cameras carry passwords in queries under many names (`loginpas`, `pwd`, `token`, …), so no query is shown at all.
    """
    return _URL.sub(lambda found: found["scheme"] + _without_secrets(found["rest"]), text)


def _without_secrets(rest: str) -> str:
    # Up to the last @: a password with an unescaped @ or / is wrong, but must not be shown for that. The price is that
    # an @ in a path hides what stands before it.
    credentials, at, address = rest.rpartition("@")
    if "?" in credentials or "#" in credentials:
        return HIDDEN  # a password with such a sign, or an @ in a query: either way no end of the secret is known
    return (HIDDEN + at if at else "") + _QUERY.sub(rf"\g<mark>{HIDDEN}", address)
