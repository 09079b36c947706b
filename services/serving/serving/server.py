"""The server as a process: what the flags ask for, from start to drain."""

from __future__ import annotations

import logging
import os
import sys
import threading
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
from digitscribe.stopping import on_stop

from serving import config, grpc_services, servable
from serving.batching import BatchingParameters, BatchScheduler, parameters_of
from serving.core import ServerCore, watch_config_file
from serving.flags import Flags
from serving.manager import Manager, ManagerOptions
from serving.metrics import Metrics
from serving.rest.http import RestServer
from serving.rest.routes import Routes
from serving.session import session_config
from serving.source import Source
from serving.states import StateBoard
from serving.status import Code, StatusError

log = logging.getLogger(__name__)

DRAIN_S = 30.0
"""Longest time that requests in flight are given after SIGTERM."""


@dataclass(frozen=True)
class _Parts:
    core: ServerCore
    metrics: Metrics
    scheduler: BatchScheduler | None
    model_config: Any
    metrics_path: str | None


def run(flags: Flags) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is in flight.

    Raises:
        StatusError: the configuration is wrong, a model cannot be loaded, or a port cannot be had.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname).1s %(name)s: %(message)s", stream=sys.stderr
    )
    lifetime = _Lifetime()
    on_stop(lifetime.stop)
    _run(_build(flags), flags, lifetime)


def _run(parts: _Parts, flags: Flags, lifetime: _Lifetime) -> None:
    try:
        parts.core.configure(parts.model_config)
        _serve(parts, flags, lifetime)
    finally:
        parts.core.stop()
        if parts.scheduler:
            parts.scheduler.stop()


def _serve(parts: _Parts, flags: Flags, lifetime: _Lifetime) -> None:
    lifetime.serving = True
    rpc = _start_grpc(parts, flags)
    rest = _start_rest(parts, flags)
    _start_watching(parts.core, flags, lifetime.stopped)
    lifetime.stopped.wait()
    log.info("Draining: no new requests, those in flight are answered")
    draining = rpc.stop(DRAIN_S)
    if rest:
        rest.stop(DRAIN_S)
    draining.wait()


def _build(flags: Flags) -> _Parts:
    model_config = _model_config(flags)
    batching = _batching(flags)
    metrics = Metrics()
    scheduler = BatchScheduler(batching) if batching and _is_valid(batching) else None
    board = StateBoard()
    load = partial(servable.load, options=_load_options(flags, batching, scheduler, metrics))
    manager = Manager(load, board, _manager_options(flags))
    core = ServerCore(
        manager,
        board,
        Source(manager.aspire, flags.number("file_system_poll_wait_seconds")),
        labels_before_models=flags.on("allow_version_labels_for_unavailable_models"),
    )
    monitoring = flags.text("monitoring_config_file")
    metrics_path = config.read_monitoring_path(monitoring) if monitoring else None
    return _Parts(core, metrics, scheduler, model_config, metrics_path)


def _model_config(flags: Flags) -> Any:
    path = flags.text("model_config_file")
    if path:
        return config.read_model_config(path)
    return config.single_model(flags.text("model_name"), flags.text("model_base_path"))


def _batching(flags: Flags) -> BatchingParameters | None:
    if not flags.on("enable_batching"):
        return None
    path = flags.text("batching_parameters_file")
    return parameters_of(config.read_batching(path)) if path else BatchingParameters()


def _is_valid(batching: BatchingParameters) -> bool:
    # wrong parameters are reported by the loads that they make fail
    try:
        batching.check()
    except StatusError:
        return False
    return True


def _load_options(
    flags: Flags, batching: BatchingParameters | None, scheduler: BatchScheduler | None, metrics: Metrics
) -> servable.LoadOptions:
    parallelism = flags.number("tensorflow_session_parallelism")
    return servable.LoadOptions(
        tags=[tag for tag in flags.text("saved_model_tags").split(",") if tag],
        session_config=session_config(
            flags.number("tensorflow_intra_op_parallelism") or parallelism,
            flags.number("tensorflow_inter_op_parallelism") or parallelism,
        ),
        warm_up=flags.on("enable_model_warmup"),
        warm_up_iterations=max(1, flags.number("num_request_iterations_for_warmup")),
        batching=batching,
        scheduler=scheduler,
        metrics=metrics,
    )


def _manager_options(flags: Flags) -> ManagerOptions:
    return ManagerOptions(
        num_load_threads=flags.number("num_load_threads"),
        num_unload_threads=flags.number("num_unload_threads"),
        max_num_load_retries=flags.number("max_num_load_retries"),
        load_retry_interval_s=flags.number("load_retry_interval_micros") / 1e6,
    )


def _start_grpc(parts: _Parts, flags: Flags) -> grpc.Server:
    server = grpc_services.make_server(
        parts.core,
        parts.metrics,
        threads=flags.number("grpc_max_threads"),
        as_content=flags.on("enable_serialization_as_tensor_content"),
        health=flags.on("enable_grpc_healthcheck_service"),
    )
    address = f"{flags.text('address')}:{flags.number('port')}"
    try:
        server.add_insecure_port(address)
    except RuntimeError as error:
        raise StatusError(Code.UNKNOWN, f"Couldn't bind to gRPC address {address}: is the port taken?") from error
    server.start()
    log.info("Running gRPC ModelServer at %s ...", address)
    return server


def _start_rest(parts: _Parts, flags: Flags) -> RestServer | None:
    port = flags.number("rest_api_port")
    if not port:
        return None
    timeout_s = flags.number("rest_api_timeout_in_ms") / 1000
    routes = Routes(parts.core, parts.metrics, metrics_path=parts.metrics_path, timeout_s=timeout_s)
    try:
        server = RestServer((flags.text("address"), port), routes, cors=flags.on("rest_api_enable_cors_support"))
    except OSError as error:
        address = f"{flags.text('address')}:{port}"
        raise StatusError(Code.UNKNOWN, f"Couldn't bind to REST address {address}: {error.strerror}") from error
    server.start()
    log.info("Exporting HTTP/REST API at:%s:%d ...", flags.text("address"), port)
    return server


def _start_watching(core: ServerCore, flags: Flags, stopped: threading.Event) -> None:
    wait_s, path = flags.number("model_config_file_poll_wait_seconds"), flags.text("model_config_file")
    if path and wait_s > 0:
        arguments = (core, path, wait_s, stopped)
        threading.Thread(target=watch_config_file, args=arguments, name="config", daemon=True).start()


class _Lifetime:
    """Until SIGTERM or SIGINT. Before the server serves they end the process at once, after that they let it drain."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.serving = False

    def stop(self) -> None:
        """The process is to end."""
        self.stopped.set()
        if not self.serving:
            # what a start waits for, a model that never comes, say, could not be interrupted from this thread
            logging.shutdown()
            os._exit(0)
