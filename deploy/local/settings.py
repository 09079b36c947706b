"""What the local start reads from the environment, and what it tells the services."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from digitscribe.settings import Port, Settings
from pydantic import Field

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MARKER = "DIGITSCRIBE_INSTANCE"
"""Every process of a start carries this variable, with the state folder, so that all can be found again."""


class LocalSettings(Settings):
    """Ports, folders and counts of a start on this machine."""

    state_dir: Path = Field(default=Path("var"), description="Where models, Redis's file and logs lie")
    ui_host: str = Field(default="127.0.0.1", description="Address that the page listens on")
    ui_port: Port = Field(default=8000, description="Port of the page")
    gateway_host: str = Field(default="127.0.0.1", description="Address that the gateway listens on")
    gateway_port: Port = Field(default=8080, description="Port of the gateway")
    redis_port: Port = Field(default=6379, description="Port of Redis")
    serving_grpc_port: Port = Field(default=8500, description="Port of the model server's gRPC API")
    serving_rest_port: Port = Field(default=8501, description="Port of the model server's REST API")
    recognizers: int = Field(default=1, ge=1, le=64, description="Recognizers side by side")
    start_timeout_s: int = Field(default=120, ge=5, le=3600, description="Longest time a start may take")

    @property
    def state(self) -> Path:
        """The state folder, absolute."""
        return (ROOT / self.state_dir.expanduser()).resolve()

    @property
    def page_url(self) -> str:
        """Where a person on this machine opens the page."""
        return _url(_for_people(self.ui_host), self.ui_port)

    @property
    def api_url(self) -> str:
        """Where a person on this machine calls the gateway."""
        return _url(_for_people(self.gateway_host), self.gateway_port)


def reachable_at(host: str) -> str:
    """The address by which this machine reaches what is bound to `host`."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound here


def _for_people(host: str) -> str:
    reachable = reachable_at(host)
    return "localhost" if reachable in ("127.0.0.1", "::1") else reachable


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def environment(settings: LocalSettings) -> dict[str, str]:
    """The environment of every service: this process's own, with the addresses of this start."""
    page = f"{settings.page_url},{_url(reachable_at(settings.ui_host), settings.ui_port)}"
    gateway = reachable_at(settings.gateway_host)
    neighbours = ",".join(dict.fromkeys(["127.0.0.1", "::1", gateway]))
    local = ",".join(filter(None, [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "localhost,127.0.0.1"]))
    addresses = {
        "REDIS_URL": f"redis://127.0.0.1:{settings.redis_port}/0",
        "SERVING_GRPC": f"127.0.0.1:{settings.serving_grpc_port}",
        "GATEWAY_URL": _url(gateway, settings.gateway_port),
        "GATEWAY_PORT": str(settings.gateway_port),
        "UI_PORT": str(settings.ui_port),
        "MODELS_DIR": str(settings.state / "models"),
        "CORRECTIONS_DIR": str(settings.state / "corrections"),
        "TRUSTED_ORIGINS": os.environ.get("DIGITSCRIBE_TRUSTED_ORIGINS", page),
        "TRUSTED_PROXIES": os.environ.get("DIGITSCRIBE_TRUSTED_PROXIES", neighbours),
        "CAMERA_MEDIA_DIR": os.environ.get("DIGITSCRIBE_CAMERA_MEDIA_DIR", str(settings.state / "media")),
        "CAMERA_TOKEN": os.environ.get("DIGITSCRIBE_CAMERA_TOKEN") or secrets.token_urlsafe(32),
        "DATA_DIR": os.environ.get("DIGITSCRIBE_DATA_DIR", str(ROOT / "data")),
    }
    own = {f"DIGITSCRIBE_{name}": value for name, value in addresses.items()}
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return {**os.environ, **own, MARKER: str(settings.state), "PATH": path, "no_proxy": local, "NO_PROXY": local}
