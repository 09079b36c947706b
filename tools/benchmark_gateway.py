"""How many one-digit images a second a running system reads through its gateway, and how long each waits.

    python -m tools.benchmark_gateway --clients 64 --requests 4000      # against `make up`
    python -m tools.benchmark_gateway --up                              # against a system of its own

Each client sends one PNG a request, waits for its reading, and sends the next. Requests and time are bounded, and no
other machine is loaded: the address must be this machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tools.machine import machine

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "samples" / "digit.png"
MOST_CLIENTS, MOST_REQUESTS, MOST_SECONDS = 512, 100_000, 300
WARM_UP = 256
"""Requests before the first that counts: everything is imported, connected and compiled after them."""


@dataclass
class Tally:
    """What came of the requests: milliseconds of those that were read, and reasons of those that were not."""

    left: int
    deadline: float
    read_ms: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def wants_more(self) -> bool:
        """Whether another request may begin; takes it."""
        self.left -= 1
        return self.left >= 0 and time.perf_counter() < self.deadline


def main() -> int:
    """Measure and print; returns the exit status."""
    asked = _arguments()
    picture = asked.picture.read_bytes()
    with ExitStack() as stack:
        url = stack.enter_context(_system(asked.recognizers)) if asked.up else asked.url
        host, port = _loopback(url)
        try:
            asyncio.run(_load(host, port, picture, min(asked.clients, 8), WARM_UP, asked.seconds))
            began = time.perf_counter()
            tally = asyncio.run(_load(host, port, picture, asked.clients, asked.requests, asked.seconds))
        except OSError as error:
            print(f"no gateway answers at {url} ({error.strerror or error}); `make up` starts one", file=sys.stderr)
            return 3
        print(_report(tally, time.perf_counter() - began, asked.clients, len(picture)))
    return 1 if tally.failed else 0


def percentile(ordered: list[float], share: float) -> float:
    """The value of `ordered` (ascending, not empty) that `share` of all do not exceed (nearest rank)."""
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def _report(tally: Tally, seconds: float, clients: int, size: int) -> str:
    ordered = sorted(tally.read_ms) or [float("nan")]
    p50, p90, p99 = (percentile(ordered, share) for share in (0.5, 0.9, 0.99))
    return "\n".join(
        (
            f"{machine()}; load generator and system share the cores",
            f"{clients} clients, a PNG of {size:,} bytes a request, {len(tally.read_ms):,} read in {seconds:.1f} s",
            f"{len(tally.read_ms) / seconds:,.0f} requests/s; p50 {p50:.1f} ms, p90 {p90:.1f} ms, p99 {p99:.1f} ms",
            *(f"{count:,} failed: {reason}" for reason, count in tally.failed.most_common()),
        )
    )


async def _load(host: str, port: int, picture: bytes, clients: int, requests: int, seconds: float) -> Tally:
    head = (
        f"POST /v1/recognitions?wait=30 HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Content-Type: image/png\r\nContent-Length: {len(picture)}\r\n\r\n"
    )
    tally = Tally(requests, time.perf_counter() + seconds)
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_client(host, port, head.encode() + picture, tally))
    return tally


async def _client(host: str, port: int, message: bytes, tally: Tally) -> None:
    """One client: a kept-alive connection, opened anew when the gateway closes it."""
    reader, writer = await asyncio.open_connection(host, port)
    while tally.wants_more():
        began = time.perf_counter()
        try:
            writer.write(message)
            status, body, closes = await _answer(reader)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            status, body, closes = 0, repr(error).encode(), True
        if status == 200 and b'"status":"done"' in body:
            tally.read_ms.append((time.perf_counter() - began) * 1000)
        else:
            tally.failed[f"{status} {body[:200].decode(errors='replace')}"] += 1
        if closes:
            writer.close()
            reader, writer = await asyncio.open_connection(host, port)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection is closed behind it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    body = await reader.readexactly(int(lines.get("content-length", 0)))
    return int(head.split(" ", 2)[1]), body, lines.get("connection") == "close"


def _loopback(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise SystemExit(f"{host} is not this machine; only its own gateway is loaded")
    return "127.0.0.1" if host == "localhost" else host, parts.port or 80


@contextmanager
def _system(recognizers: int) -> Iterator[str]:
    """A system of its own, as `make up` starts it, on free ports; the camera is left out of the measurement's way."""
    names = ("UI_PORT", "GATEWAY_PORT", "REDIS_PORT", "SERVING_GRPC_PORT", "SERVING_REST_PORT")
    ports = dict(zip(names, _free_ports(len(names)), strict=True))
    with tempfile.TemporaryDirectory(prefix="digitscribe-benchmark-") as state:
        own = {**{name: str(port) for name, port in ports.items()}, "STATE_DIR": state, "RECOGNIZERS": str(recognizers)}
        own |= {"CAMERA_FPS": "0.1", "LOG_LEVEL": "WARNING"}
        env = {**os.environ, **{f"DIGITSCRIBE_{name}": value for name, value in own.items()}}
        up = subprocess.Popen([sys.executable, "-m", "deploy.local.up", "--detach"], cwd=ROOT, env=env)
        try:
            if up.wait() != 0:
                raise SystemExit("the system did not start; what it said is above")
            yield f"http://127.0.0.1:{ports['GATEWAY_PORT']}"
        finally:
            if up.poll() is None:
                up.send_signal(signal.SIGTERM)
                up.wait()
            subprocess.run([sys.executable, "-m", "deploy.local.down"], cwd=ROOT, env=env, check=False)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default=os.environ.get("DIGITSCRIBE_URL", "http://127.0.0.1:8080"))
    parser.add_argument("--up", action="store_true", help="start a system for it, and stop it afterwards")
    parser.add_argument("--recognizers", type=int, default=1, help="of that system")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    parser.add_argument("--clients", type=_between(1, MOST_CLIENTS), default=64)
    parser.add_argument("--requests", type=_between(1, MOST_REQUESTS), default=4000)
    parser.add_argument("--seconds", type=_between(1, MOST_SECONDS), default=60, help="no request begins later")
    return parser.parse_args()


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not low <= (value := int(text)) <= high:
            raise argparse.ArgumentTypeError(f"from {low} to {high}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
