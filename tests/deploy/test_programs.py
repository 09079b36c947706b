"""The configuration of the process manager."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest

from deploy.local.programs import Program, programs, render, socket_path
from deploy.local.settings import MARKER, LocalSettings, environment


def _parsed(settings: LocalSettings, wanted: list[Program]) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"))
    parser.read_string(render(settings, wanted))
    return parser


def test_every_service_is_started_redis_first_and_the_page_last() -> None:
    names = [program.name for program in programs(LocalSettings())]
    assert names == ["redis", "serving", "trainer", "recognizer", "gateway", "camera-worker", "ui"]


def test_as_many_recognizers_are_started_as_asked_for() -> None:
    names = [program.name for program in programs(LocalSettings(recognizers=3)) if "recognizer" in program.name]
    assert names == ["recognizer", "recognizer-2", "recognizer-3"]


def test_a_command_with_spaces_quotes_and_percent_signs_reaches_the_process_manager_whole() -> None:
    command = ("/my programs/50% of it", "it's", "a b")
    section = _parsed(LocalSettings(), [Program("one", command, 1)])["program:one"]
    expanded = section["command"] % {}
    assert tuple(shlex.split(expanded)) == command


@pytest.mark.parametrize("depth", [1, 30])
def test_the_process_managers_socket_has_a_path_that_a_socket_can_have(tmp_path: Path, depth: int) -> None:
    settings = LocalSettings(state_dir=tmp_path.joinpath(*["folder"] * depth))
    assert len(str(socket_path(settings))) < 100


def test_services_are_told_the_ports_of_this_start(tmp_path: Path) -> None:
    settings = LocalSettings(state_dir=tmp_path, redis_port=7001, gateway_port=7002, serving_grpc_port=7003)
    told = environment(settings)
    assert told["DIGITSCRIBE_REDIS_URL"] == "redis://127.0.0.1:7001/0"
    assert told["DIGITSCRIBE_GATEWAY_URL"] == "http://127.0.0.1:7002"
    assert told["DIGITSCRIBE_SERVING_GRPC"] == "127.0.0.1:7003"
    assert told[MARKER] == str(tmp_path)


def test_what_a_machine_sends_through_a_proxy_does_not_include_its_own_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "example.org")
    assert environment(LocalSettings())["no_proxy"] == "example.org,localhost,127.0.0.1"
