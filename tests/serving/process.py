"""The command `digitscribe-serving` as a process of its own, and clients that see every byte it answers."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from serving import tensors
from serving.runtime import (
    get_model_status_pb2,
    model_management_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    text_format,
)

from tests.ports import free_port

COMMAND = Path(sys.executable).parent / "digitscribe-serving"
START_TIMEOUT_S = 60
Answer = dict[str, Any]
"""An HTTP answer as the records have it: status_line, status, headers (pairs in order), body."""


@dataclass
class ServerProcess:
    """A running server; `log` is the file that holds what it printed."""

    process: subprocess.Popen[bytes]
    port: int
    rest_port: int
    log: Path
    channel: grpc.Channel

    @property
    def predictions(self) -> Any:
        return prediction_service_pb2_grpc.PredictionServiceStub(self.channel)

    @property
    def models(self) -> Any:
        return model_service_pb2_grpc.ModelServiceStub(self.channel)

    def predict(self, spec: str, timeout_s: float = 20, **inputs: Any) -> Any:
        """Predict with a ModelSpec in protobuf text; arrays by alias."""
        request = predict_pb2.PredictRequest(model_spec=text_format.Parse(spec, model_pb2.ModelSpec()))
        for alias, array in inputs.items():
            request.inputs[alias].CopyFrom(tensors.encode(np.asarray(array)))
        return self.predictions.Predict(request, timeout=timeout_s)

    def version_answering(self, spec: str) -> int:
        return int(self.predict(spec, x=np.ones((1, 4), np.float32)).model_spec.version.value)

    def states(self, name: str) -> dict[int, str]:
        """State by version, newest first; empty if the server knows none."""
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=model_pb2.ModelSpec(name=name))
        try:
            answer = self.models.GetModelStatus(request, timeout=10)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return {}
            raise
        name_of = get_model_status_pb2.ModelVersionStatus.State.Name
        return {each.version: name_of(each.state) for each in answer.model_version_status}

    def reload(self, config: str, timeout_s: float = 20) -> None:
        request = model_management_pb2.ReloadConfigRequest()
        text_format.Parse(config, request.config)
        self.models.HandleReloadConfigRequest(request, timeout=timeout_s)

    def rest(
        self, method: str, path: str, headers: Sequence[str] = ("Connection: close",), body: bytes = b""
    ) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", *headers]
        if body and not any(line.lower().startswith(("content-length:", "transfer-encoding:")) for line in headers):
            lines.append(f"Content-Length: {len(body)}")
        return parse_answer(self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body), method)

    def raw(self, sent: bytes, *, half_close: bool = False, wait_s: float = 20) -> bytes:
        """What comes back on a connection of its own until it ends, or until nothing comes for `wait_s`."""
        with socket.create_connection(("127.0.0.1", self.rest_port), timeout=wait_s) as connection:
            connection.sendall(sent)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            received = b""
            try:
                while chunk := connection.recv(1 << 16):
                    received += chunk
                    wait_s = 0.3 if b"\r\n\r\n" in received else wait_s
                    connection.settimeout(wait_s)
            except TimeoutError:
                pass
            return received

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.channel.close()
        self.process.send_signal(number)
        return self.process.wait(timeout=45)


def parse_answer(received: bytes, method: str = "GET") -> Answer:
    """An HTTP answer in parts; the interim answer `100 Continue` is left out."""
    if received.startswith(b"HTTP/1.1 100 "):
        received = received.partition(b"\r\n\r\n")[2]
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = [line.split(": ", 1) for line in lines]
    return {
        "status_line": status_line,
        "status": int(status_line.split()[1]),
        "headers": headers,
        "body": body.decode("utf-8", "backslashreplace"),
        "method": method,
    }


@contextmanager
def serving(folder: Path, *flags: str, wait: bool = True) -> Iterator[ServerProcess]:
    """The command with `flags` and free ports; with `wait`, only once it answers."""
    port, rest_port, log = free_port(), free_port(), folder / "serving.log"
    command = [str(COMMAND), f"--port={port}", f"--rest_api_port={rest_port}", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    server = ServerProcess(process, port, rest_port, log, grpc.insecure_channel(f"127.0.0.1:{port}"))
    try:
        if wait:
            eventually(lambda: is_open(rest_port) or process.poll() is not None, START_TIMEOUT_S)
            assert process.poll() is None, log.read_text()
        yield server
    finally:
        server.channel.close()
        process.kill()
        process.wait()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(holds: Callable[[], Any], within_s: float = 15) -> Any:
    """What `holds` returns, as soon as it is true."""
    until = time.monotonic() + within_s
    while not (found := holds()):
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.005)
    return found
