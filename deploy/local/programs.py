"""The services of a start, and the configuration of supervisord, which keeps them running."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from digitscribe.settings import QueueSettings, load

from deploy.local.settings import BIN, ROOT, LocalSettings

SERVING_CONFIG = ROOT / "services" / "serving" / "config"

FRUGAL = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""One process of these does little at once; pools of threads would only hold memory."""

AFTER_A_BATCH_S = 5
"""What a recognizer may take to stop beyond the longest time of the batch in hand, which it finishes first."""

_LONGEST_SOCKET_PATH = 90
"""Unix sockets' paths end at about 104 characters, and supervisord adds some while it makes one."""

_TEMPLATE = """\
[supervisord]
nodaemon=true
silent=true
pidfile={pidfile}
logfile={log}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
childlogdir={log}
directory={root}

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM = """
[program:{name}]
command={command}
directory={root}
environment={environment}
priority={priority}
autorestart=true
startsecs=5
startretries=30
stopwaitsecs={stop_s}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


class RedisMissing(Exception):
    """There is no Redis server: neither on PATH nor in the virtual environment."""


@dataclass(frozen=True)
class Program:
    """A service: how it is started, and how long it may take to stop."""

    name: str
    command: tuple[str, ...]
    priority: int
    environment: dict[str, str] = field(default_factory=dict)
    stop_s: int = 10


def programs(settings: LocalSettings) -> list[Program]:
    """Every service, in the order in which they start.

    Raises:
        RedisMissing: there is no Redis server.
        SettingsError: the environment's longest time of a batch is none.
    """
    batch_s = load(QueueSettings).job_timeout_s
    recognizers = ["recognizer", *(f"recognizer-{number}" for number in range(2, settings.recognizers + 1))]
    return [
        Program("redis", redis_command(settings), 10),
        Program("serving", serving_command(settings), 20),
        Program("trainer", _module("trainer", "worker"), 30, stop_s=15),
        *(Program(name, _module("recognizer"), 40, FRUGAL, batch_s + AFTER_A_BATCH_S) for name in recognizers),
        Program("gateway", _module("gateway"), 50, FRUGAL, stop_s=25),
        Program("camera-worker", _module("camera_worker.supervisor"), 60, FRUGAL, stop_s=5),
        Program("ui", _module("ui"), 70, FRUGAL),
    ]


def redis_command(settings: LocalSettings) -> tuple[str, ...]:
    """Redis on this machine only, with its append-only file in the state folder."""
    bundled = BIN / "redis-server"
    server = shutil.which("redis-server") or (str(bundled) if bundled.exists() else None)
    if server is None:
        raise RedisMissing("There is no redis-server: install one (Debian: apt install redis-server).")
    place = ("--bind", "127.0.0.1", "--port", str(settings.redis_port), "--dir", str(settings.state / "redis"))
    return (server, str(ROOT / "deploy" / "redis.conf"), *place, "--daemonize", "no")


def serving_command(settings: LocalSettings) -> tuple[str, ...]:
    """TensorFlow Serving where it is installed, the local server elsewhere; both take the same flags."""
    return (
        shutil.which("tensorflow_model_server") or str(BIN / "digitscribe-serving"),
        f"--port={settings.serving_grpc_port}",
        f"--rest_api_port={settings.serving_rest_port}",
        f"--model_config_file={settings.state / 'models' / 'models.config'}",
        "--enable_batching=true",
        f"--batching_parameters_file={SERVING_CONFIG / 'batching.config'}",
        f"--monitoring_config_file={SERVING_CONFIG / 'monitoring.config'}",
        "--num_load_threads=2",
        "--max_num_load_retries=0",  # a damaged version stays damaged: who promotes it is told at once
        "--allow_version_labels_for_unavailable_models=true",
    )


def socket_path(settings: LocalSettings) -> Path:
    """Where supervisord listens: in the state folder, or, if that lies too deep, among the temporary files."""
    path = settings.state / "run" / "supervisor.sock"
    if len(str(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(settings.state).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"digitscribe-{name}.sock"


def pidfile(settings: LocalSettings) -> Path:
    """The file that holds supervisord's process id."""
    return settings.state / "run" / "supervisord.pid"


def render(settings: LocalSettings, wanted: Iterable[Program]) -> str:
    """The configuration of supervisord for the programs `wanted`."""
    places = {"root": _escaped(ROOT), "log": _escaped(settings.state / "log")}
    head = _TEMPLATE.format(pidfile=_escaped(pidfile(settings)), socket=_escaped(socket_path(settings)), **places)
    return head + "".join(_section(program, places) for program in wanted)


def _section(program: Program, places: dict[str, str]) -> str:
    environment = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
    return _PROGRAM.format(
        name=program.name,
        command=_escaped(shlex.join(program.command)),
        environment=environment,
        priority=program.priority,
        stop_s=program.stop_s,
        **places,
    )


def _module(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def _escaped(value: str | Path) -> str:
    # supervisord expands %(name)s
    return str(value).replace("%", "%%")
