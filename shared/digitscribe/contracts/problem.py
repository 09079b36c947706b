"""Errors as documents."""

from __future__ import annotations

from pydantic import Field

from .document import Document


class Problem(Document):
    """A problem object (RFC 9457): what went wrong, and in `detail` what to do about it."""

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
