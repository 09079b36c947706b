"""Are the ports free? Asked before anything starts, and answered with the name of the variable that helps."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import psutil

from deploy.local.settings import LocalSettings, reachable_at


@dataclass(frozen=True)
class Wish:
    """A port that a service is going to listen on."""

    service: str
    variable: str
    host: str
    port: int


def wishes(settings: LocalSettings) -> list[Wish]:
    """Every port of a start."""
    local = "127.0.0.1"
    return [
        Wish("the page", "DIGITSCRIBE_UI_PORT", settings.ui_host, settings.ui_port),
        Wish("the gateway", "DIGITSCRIBE_GATEWAY_PORT", settings.gateway_host, settings.gateway_port),
        Wish("Redis", "DIGITSCRIBE_REDIS_PORT", local, settings.redis_port),
        Wish("the model server's gRPC", "DIGITSCRIBE_SERVING_GRPC_PORT", local, settings.serving_grpc_port),
        Wish("the model server's REST", "DIGITSCRIBE_SERVING_REST_PORT", local, settings.serving_rest_port),
    ]


def complaints(wanted: list[Wish]) -> list[str]:
    """A sentence for each port that cannot be had: wished for twice, or taken."""
    found = []
    first: dict[int, Wish] = {}
    for wish in wanted:
        other = first.setdefault(wish.port, wish)
        if other is not wish:
            found.append(
                f"Port {wish.port} is wanted by {other.service} and by {wish.service}: "
                f"change {other.variable} or {wish.variable}."
            )
        elif not _is_free(wish):
            found.append(
                f"Port {wish.port} for {wish.service} is taken{_holder(wish.port)}. "
                f"Stop that, or choose another: {wish.variable}={_free_port()} make up"
            )
    return found


def _is_free(wish: Wish) -> bool:
    family = socket.AF_INET6 if ":" in wish.host else socket.AF_INET
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            attempt.bind((wish.host, wish.port))
            attempt.listen()
        except OSError:
            return False
    return not _answers(reachable_at(wish.host), wish.port)


def _answers(host: str, port: int) -> bool:
    # where SO_REUSEADDR lets one bind beside a listener on all interfaces
    try:
        socket.create_connection((host, port), timeout=0.3).close()
    except OSError:
        return False
    return True


def _holder(port: int) -> str:
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        pids = [c.pid for c in listening if c.laddr and c.laddr.port == port and c.pid]
        return f" by {psutil.Process(pids[0]).name()} (process {pids[0]})" if pids else ""
    except psutil.Error:
        return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
