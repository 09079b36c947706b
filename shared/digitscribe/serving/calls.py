"""Calls to the model server: one channel to all its replicas, deadlines, and patience."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import grpc

from digitscribe.errors import ServingError
from digitscribe.serving.faults import Fault, fault_of, pauses

Method = Callable[..., Any]
"""A method of a gRPC stub."""

_CHANNEL_OPTIONS = (
    # every replica behind the name gets its share of the calls
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    ("grpc.dns_min_time_between_resolutions_ms", 5_000),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # a peer that vanished without a word is noticed; no pings while idle, servers punish those
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 0),
    # a restarted server is found again within a second; gRPC's own default backs off to two minutes
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class CallFailed(Exception):
    """A call failed for good; `error` is what to tell the caller."""

    def __init__(self, fault: Fault, error: ServingError) -> None:
        super().__init__(str(error))
        self.fault = fault
        self.error = error


class Caller:
    """Makes calls over one channel to `target` (host:port, or any name that gRPC resolves); thread-safe."""

    def __init__(self, target: str) -> None:
        self.channel = grpc.insecure_channel(target, options=_CHANNEL_OPTIONS)
        self._target = target

    def once(self, method: Method, request: Any, timeout_s: float) -> Any:
        """Call `method` once; raises CallFailed."""
        try:
            return method(request, timeout=timeout_s)
        except grpc.RpcError as error:
            fault = fault_of(error)
            raise CallFailed(fault, fault.to_error(self._target)) from error

    def patiently(
        self, method: Method, request: Any, timeout_s: float, until: float, passing: Callable[[Fault], bool]
    ) -> Any:
        """Call `method` again and again while `passing(fault)`, until the monotonic time `until`; raises CallFailed."""
        for pause in pauses():
            try:
                return self.once(method, request, timeout_s)
            except CallFailed as failed:
                if not passing(failed.fault) or time.monotonic() + pause > until:
                    raise
            time.sleep(pause)
        raise AssertionError("pauses never end")
