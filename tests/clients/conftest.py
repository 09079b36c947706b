"""Pictures of numbers, and a gateway that a client's transport plays."""

from __future__ import annotations

import io
from collections.abc import Callable

import httpx
import numpy as np
import pytest
from digitscribe_client import Digitscribe
from PIL import Image

from tests.running_system import ROOT

Respond = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(scope="session")
def write_number() -> Callable[[str], bytes]:
    """Makes a PNG of a number out of MNIST test digits, dark on light."""
    with np.load(ROOT / "data" / "mnist" / "mnist.npz") as mnist:
        images, labels = mnist["x_test"][:200], mnist["y_test"][:200]

    def write(number: str) -> bytes:
        page = np.full((140, 40 + 100 * len(number)), 255, np.uint8)
        for place, digit in enumerate(number):
            image = Image.fromarray(images[np.flatnonzero(labels == int(digit))[0]])
            big = np.asarray(image.resize((84, 84), Image.Resampling.BICUBIC))
            page[28:112, 20 + 100 * place : 104 + 100 * place] -= big
        buffer = io.BytesIO()
        Image.fromarray(page).save(buffer, "PNG")
        return buffer.getvalue()

    return write


@pytest.fixture
def client_of() -> Callable[..., Digitscribe]:
    """Makes a client whose gateway is a function; it waits no longer than a blink."""

    def make(respond: Respond, patience_s: float = 5.0) -> Digitscribe:
        return Digitscribe("http://gateway", patience_s=patience_s, transport=httpx.MockTransport(respond))

    return make


def problem(status: int, slug: str = "any", **headers: str) -> httpx.Response:
    """A refusal as the gateway gives it."""
    body = {"type": f"urn:digitscribe:problem:{slug}", "title": "No", "status": status, "detail": "not like this"}
    return httpx.Response(status, json=body, headers=headers)
