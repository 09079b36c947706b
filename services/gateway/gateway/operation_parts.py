"""What any request that carries JSON may meet, and what is sent and answered as bytes."""

from __future__ import annotations

from gateway.answers import Json

BYTES: Json = {"type": "string", "format": "binary"}

JSON_BODY = (400, 403, 408, 413, 415)
"""What may be wrong with any request that carries JSON."""
