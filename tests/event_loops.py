"""Coroutines run from tests, whatever else the test run has going on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_apart(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What `coroutine` returns, run by an event loop in a thread of its own.

    In the main thread a loop may be running already: Playwright's, from the first browser test to the end of the run.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
