"""A pytest plugin: all services, for real, on free ports, with their state in a temporary folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
_START_TIMEOUT_S = 90


@dataclass
class RunningSystem:
    """The services as processes of their own; `kill` and `start` let a test be unkind to them."""

    redis_url: str
    state: Path
    env: dict[str, str]
    ui_url: str
    gateway_url: str
    serving_grpc: str
    serving_rest: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start the service `name`; its output goes to `<name>.log`."""
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                self._command(name), cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        self.processes[name] = process
        return process

    def kill(self, name: str) -> None:
        """End the service `name` as a power cut would."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait(timeout=10)

    def stop(self) -> None:
        """End all services and wait for them."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=5)

    def serve_shipped_model(self) -> None:
        """Give version 1 the traffic, where a test before this one has trained a version and left it there."""
        httpx.post(f"{self.gateway_url}/v1/models/1/activate", timeout=60).raise_for_status()

    def log(self, name: str) -> Path:
        """The file that the service `name` writes to."""
        return self.state / f"{name}.log"

    def wait_until_ready(self) -> None:
        """Return when the gateway and everything behind it answers."""
        deadline = time.monotonic() + _START_TIMEOUT_S
        answer = "no answer"
        while time.monotonic() < deadline:
            dead = [name for name, process in self.processes.items() if process.poll() is not None]
            assert not dead, f"{dead[0]} ended: {self.log(dead[0]).read_text()[-2000:]}"
            try:
                response = httpx.get(f"{self.gateway_url}/readyz", timeout=5)
                answer = response.text
                if response.is_success and httpx.get(self.ui_url, timeout=5).is_success:
                    return
            except httpx.TransportError as error:
                answer = repr(error)
            time.sleep(0.2)
        raise AssertionError(f"not ready after {_START_TIMEOUT_S} s: {answer}")

    def _command(self, name: str) -> list[str]:
        if name != "serving":
            arguments = {"trainer": ["trainer", "worker"]}.get(name, [name])
            return [sys.executable, "-m", *arguments]
        config = ROOT / "services" / "serving" / "config"
        return [
            str(BIN / "digitscribe-serving"),
            f"--port={self.serving_grpc.rpartition(':')[2]}",
            f"--rest_api_port={self.serving_rest.rpartition(':')[2]}",
            f"--model_config_file={self.state / 'models' / 'models.config'}",
            "--enable_batching=true",
            f"--batching_parameters_file={config / 'batching.config'}",
            f"--monitoring_config_file={config / 'monitoring.config'}",
            "--num_load_threads=2",
            "--allow_version_labels_for_unavailable_models=true",
        ]


@pytest.fixture(scope="session")
def system(redis_server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """Every service, ready, with the shipped model in traffic. Uses Redis's database 1."""
    state = tmp_path_factory.mktemp("system")
    running = _on_free_ports(redis_server_url.replace("/0", "/1"), state)
    subprocess.run([sys.executable, "-m", "trainer", "seed"], cwd=ROOT, env=running.env, check=True)
    try:
        for name in ("serving", "trainer", "recognizer", "gateway", "ui"):
            running.start(name)
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def _on_free_ports(redis_url: str, state: Path) -> RunningSystem:
    ui, gateway, grpc, rest = (free_port() for _ in range(4))
    own = {
        "REDIS_URL": redis_url,
        "UI_PORT": str(ui),
        "GATEWAY_PORT": str(gateway),
        "GATEWAY_URL": f"http://127.0.0.1:{gateway}",
        "SERVING_GRPC": f"127.0.0.1:{grpc}",
        "MODELS_DIR": str(state / "models"),
        "CORRECTIONS_DIR": str(state / "corrections"),
        "DATA_DIR": str(ROOT / "data"),
        "TRUSTED_ORIGINS": f"http://127.0.0.1:{ui},http://localhost:{ui}",
    }
    env = {**os.environ, **{f"DIGITSCRIBE_{name}": value for name, value in own.items()}}
    return RunningSystem(
        redis_url=redis_url,
        state=state,
        env=env,
        ui_url=f"http://127.0.0.1:{ui}",
        gateway_url=f"http://127.0.0.1:{gateway}",
        serving_grpc=f"127.0.0.1:{grpc}",
        serving_rest=f"http://127.0.0.1:{rest}",
    )
