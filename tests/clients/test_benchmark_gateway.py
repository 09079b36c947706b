"""The load generator counts right, has bounds, and loads nobody else's machine."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.running_system import ROOT, RunningSystem
from tools.benchmark_gateway import percentile


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300).map(sorted), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_percentile_is_a_measured_value_that_its_share_does_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) < share * len(values) + 1e-9


def _benchmark(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.benchmark_gateway", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)


@pytest.mark.parametrize(
    "words",
    [("--url", "http://192.0.2.1:8080"), ("--requests", "100001"), ("--clients", "0"), ("--seconds", "301")],
    ids=" ".join,
)
def test_it_refuses_other_machines_and_loads_without_bounds(words: tuple[str, ...]) -> None:
    assert _benchmark(*words).returncode != 0


@pytest.mark.slow
def test_every_request_is_read_and_counted(system: RunningSystem) -> None:
    done = _benchmark("--url", system.gateway_url, "--clients", "8", "--requests", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"8 clients, a PNG of [\d,]+ bytes a request, 60 read in", done.stdout)
    assert re.search(r"requests/s; p50 [\d.]+ ms, p90 [\d.]+ ms, p99 [\d.]+ ms", done.stdout)
