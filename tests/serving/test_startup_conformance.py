"""The recorded starts: flags, exit codes and what is printed."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.serving.conftest import record
from tests.serving.process import COMMAND, eventually, free_port, is_open, serving

FLAGS = record("startup_flags")
BATCHING = record("batching")
WRONG_BATCHING = ["bad_allowed_last_ne_max", "bad_syntax", "bad_unknown_field"]

LEFT_OUT = {
    "bad_zero_batch": "the real server dies of a segmentation fault; this one says what is wrong and exits with 255",
    "rest_port_already_in_use": "the real server runs on without REST; this one names the port and exits with 255",
}


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([str(COMMAND), *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def flag_lines(usage: str) -> list[str]:
    return [line for line in usage.splitlines() if line.startswith("\t--")]


@pytest.mark.parametrize("name", ["no_model_path", "bad_config_path", "relative_base_path", "version", "port0"])
def test_it_ends_as_recorded(name: str, at_home: Callable[[str], str]) -> None:
    assert run(*map(at_home, FLAGS[name]["args"])) == (FLAGS[name]["exit"], FLAGS[name]["stdout"])


@pytest.mark.parametrize("name", ["help", "bad_int_flag"])
def test_the_usage_is_the_recorded_one_and_the_address(name: str) -> None:
    code, printed = run(*FLAGS[name]["args"])
    ours = [line for line in flag_lines(printed) if not line.startswith("\t--address=")]
    assert (code, ours) == (FLAGS[name]["exit"], flag_lines(FLAGS[name]["stdout"]))


def test_an_unknown_flag_is_named_and_the_server_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, "--nope=1", f"--model_base_path={tmp_path / 'none'}", wait=False) as server:
        eventually(lambda: "Adding/updating models" in server.log.read_text())
        printed = server.log.read_text()
        assert "unknown argument: --nope=1" in printed
        assert flag_lines(FLAGS["help"]["stdout"])[0] in printed
        assert server.process.poll() is None


def test_flags_are_taken_with_a_space_too(models: Path, tmp_path: Path) -> None:
    flags = ("--model_name", "m", "--model_base_path", str(models / "mlp"), "--enable_batching", "true")
    with serving(tmp_path, *flags) as server:
        assert server.states("m") == {3: "AVAILABLE"}


def test_labels_of_versions_that_are_not_loaded_need_the_flag(at_home: Callable[[str], str], tmp_path: Path) -> None:
    recorded = record("startup_labels_without_flag")
    config = tmp_path / "models.config"
    config.write_text(at_home(recorded["config"]))
    code, printed = run(f"--port={free_port()}", f"--model_config_file={config}")
    assert (code, printed) == (recorded["exit_code"], recorded["stdout"])


@pytest.mark.parametrize("name", WRONG_BATCHING)
def test_wrong_batching_parameters_are_refused_as_recorded(name: str, models: Path, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.txt"
    file.write_text(BATCHING[name]["params"])
    code, printed = run(
        f"--port={free_port()}",
        "--model_name=m",
        f"--model_base_path={models / 'mlp'}",
        "--enable_batching=true",
        f"--batching_parameters_file={file}",
    )
    assert (code, printed.replace(str(tmp_path), "/models")) == (BATCHING[name]["exit"], BATCHING[name]["stdout"])


def test_batching_parameters_without_batching_are_refused_as_recorded(models: Path, tmp_path: Path) -> None:
    recorded = BATCHING["params_file_without_enable_batching"]
    base = f"--model_base_path={models / 'mlp'}"
    assert run(f"--port={free_port()}", base, f"--batching_parameters_file={tmp_path}/x") == (
        recorded["exit"],
        recorded["stdout"],
    )


def test_batches_of_nothing_are_refused(models: Path, tmp_path: Path) -> None:
    file = tmp_path / "batching.txt"
    file.write_text(BATCHING["bad_zero_batch"]["params"])
    base = f"--model_base_path={models / 'mlp'}"
    code, printed = run(f"--port={free_port()}", base, "--enable_batching", f"--batching_parameters_file={file}")
    assert code == 255
    assert "max_batch_size" in printed


@pytest.mark.parametrize("flag", ["--port", "--rest_api_port"])
def test_a_taken_port_is_named(flag: str, models: Path) -> None:
    ports = {"--port": free_port(), "--rest_api_port": free_port()}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[flag]))
        taken.listen()
        code, printed = run(*(f"{name}={port}" for name, port in ports.items()), f"--model_base_path={models / 'mlp'}")
    assert code == 255
    assert f"127.0.0.1:{ports[flag]}" in printed


@pytest.mark.parametrize("flag", ["--ssl_config_file=tls.txt", "--use_alts_credentials", "--grpc_socket_path=/tmp/s"])
def test_a_flag_that_it_cannot_honour_is_refused(flag: str, models: Path) -> None:
    code, printed = run(f"--port={free_port()}", f"--model_base_path={models / 'mlp'}", flag)
    assert code == 255
    assert re.search(rf"UNIMPLEMENTED: {flag.partition('=')[0]}: ", printed)


@pytest.mark.parametrize("scenario", ["startup_empty_base_path", "startup_missing_base_path"])
def test_without_a_version_it_waits_with_its_ports_closed(
    scenario: str, tmp_path: Path, model_folder: Callable[[int, str], Path]
) -> None:
    assert {"grpc": "refused", "rest": "refused", "alive": True}.items() <= record("lifecycle")[scenario]["events"][
        0
    ].items()
    if "empty" in scenario:
        (tmp_path / "m").mkdir()
    with serving(tmp_path, "--model_name=m", f"--model_base_path={tmp_path / 'm'}", wait=False) as server:
        eventually(lambda: "Adding/updating models" in server.log.read_text())
        assert not is_open(server.port)
        assert not is_open(server.rest_port)
        model_folder(1, "m")
        eventually(lambda: is_open(server.port) and is_open(server.rest_port))
        assert server.version_answering('name: "m"') == 1


def test_with_nothing_but_a_broken_version_it_ends_as_recorded(tmp_path: Path) -> None:
    recorded = record("lifecycle")["startup_only_broken_version"]
    (tmp_path / "st_broken" / "1").mkdir(parents=True)
    code, printed = run(
        f"--port={free_port()}",
        "--model_name=m",
        f"--model_base_path={tmp_path / 'st_broken'}",
        "--max_num_load_retries=1",
        "--load_retry_interval_micros=100000",
    )
    assert code == recorded["exit"]
    assert printed == (
        "Failed to start server. Error: UNKNOWN: 1 servable(s) did not become available: {{{name: m version: 1} due to "
        "error: NOT_FOUND: Specified file path does not appear to contain a SavedModel bundle (should have a file "
        f"called `saved_model.pb`)\nSpecified file path: {tmp_path}/st_broken/1}}, }}\n"
    )
