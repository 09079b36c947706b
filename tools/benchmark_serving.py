"""How many digits a second the shipped model reads through the model server, over gRPC, in batches.

    python -m tools.benchmark_serving [--batch N] [--seconds S] [--clients N]

The server is the one that `make up` starts: tensorflow_model_server where it is on PATH, else the local server.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from digitscribe.serving.client import ServingClient
from digitscribe.settings import ServingSettings
from numpy.typing import NDArray
from rich.console import Console
from trainer.dataset import load_mnist

from tools.machine import machine

ROOT = Path(__file__).parents[1]
_START_TIMEOUT_S = 60


def main(arguments: list[str] | None = None) -> int:
    """Start a server, ask it, print the rate."""
    options = _options(arguments)
    digits = load_mnist(ROOT / "data").validation.sample(options.batch, 1)
    images = digits.images[..., np.newaxis].astype(np.float32) / np.float32(255)
    with _server() as address, ThreadPoolExecutor(options.clients) as pool:
        settings = ServingSettings(serving_grpc=address, model_label="stable", predict_batch_size=options.batch)
        counts = pool.map(lambda _: _ask(settings, images, options.seconds), range(options.clients))
        rate = sum(counts) / options.seconds
    Console(soft_wrap=True).print(
        f"{rate:,.0f} digits/s in batches of {options.batch}, {options.clients} clients beside it on {machine()}"
    )
    return 0


def _ask(settings: ServingSettings, images: NDArray[np.float32], seconds: float) -> int:
    with ServingClient(settings) as client:
        client.predict(images)
        ends, count = time.monotonic() + seconds, 0
        while time.monotonic() < ends:
            count += len(client.predict(images).probabilities)
        return count


@contextmanager
def _server() -> Iterator[str]:
    """A model server with the shipped model, on a free port; its address."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        config = Path(folder) / "models.config"
        config.write_text(
            f'model_config_list {{ config {{ name: "digits" base_path: "{ROOT / "data/models/digits"}" '
            'model_platform: "tensorflow" version_labels { key: "stable" value: 1 } } }\n'
        )
        probe.close()
        process = subprocess.Popen(_command(port, config), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"127.0.0.1:{port}")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _command(port: int, config: Path) -> list[str]:
    return [
        shutil.which("tensorflow_model_server") or str(Path(sys.executable).with_name("digitscribe-serving")),
        f"--port={port}",
        f"--model_config_file={config}",
        "--enable_batching=true",
        f"--batching_parameters_file={ROOT / 'services' / 'serving' / 'config' / 'batching.config'}",
        "--allow_version_labels_for_unavailable_models=true",
    ]


def _wait(address: str) -> None:
    until = time.monotonic() + _START_TIMEOUT_S
    with ServingClient(ServingSettings(serving_grpc=address)) as client:
        while not client.ready():
            if time.monotonic() > until:
                raise TimeoutError(f"the model server did not answer within {_START_TIMEOUT_S} s")
            time.sleep(0.1)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmark_serving", description="Digits a second through the model server")
    parser.add_argument("--batch", type=int, default=256, help="digits in one Predict (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long to ask (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=3, help="clients at once (default: %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
