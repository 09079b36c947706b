"""docs/clients.md: every example runs as it stands there, against the running system, and prints what is below it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running_system import BIN, ROOT, RunningSystem

PAGE = ROOT / "docs" / "clients.md"
FENCE = re.compile(r"^```(sh|python|js)\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
SUFFIX = {"sh": "sh", "python": "py", "js": "mjs"}


@dataclass(frozen=True)
class Example:
    language: str
    code: str
    printed: str | None
    line: int

    def __str__(self) -> str:
        return f"line-{self.line}-{self.language}"


def examples() -> list[Example]:
    text = PAGE.read_text(encoding="utf-8")
    return [Example(m[1], m[2], m[3], text[: m.start()].count("\n") + 1) for m in FENCE.finditer(text)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pictures that the examples read; what one example writes is there for the next."""
    made = tmp_path_factory.mktemp("examples")
    for picture in ("number.png", "digit.png"):
        shutil.copy(ROOT / "docs" / "samples" / picture, made)
    return made


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """PATH with the virtual environment before it, and a stand-in for grpcurl behind it."""
    folder = tmp_path_factory.mktemp("bin")
    stand_in = folder / "grpcurl"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("grpcurl.py")}" "$@"\n')
    stand_in.chmod(0o755)
    return f"{BIN}:{os.environ['PATH']}:{folder}"


def matches(printed: str, expected: str) -> bool:
    """Whether `printed` is `expected`, in which `…` stands for anything and runs of spaces for each other."""
    pattern = ".*?".join(re.escape(part) for part in _squeezed(expected).split("…"))
    return re.fullmatch(pattern, _squeezed(printed), re.DOTALL) is not None


def _squeezed(text: str) -> str:
    return "\n".join(re.sub(" +", " ", line).strip() for line in text.strip().splitlines())


@pytest.mark.slow
@pytest.mark.parametrize(
    "example",
    [
        pytest.param(each, marks=[pytest.mark.programs] * (each.language != "python"), id=str(each))
        for each in examples()
    ],
)
def test_an_example_prints_what_the_page_says(system: RunningSystem, folder: Path, path: str, example: Example) -> None:
    addresses = {
        "http://localhost:8080": system.gateway_url,
        "http://localhost:8501": system.serving_rest,
        "localhost:8500": system.serving_grpc,
    }
    code = example.code
    for written, real in addresses.items():
        code = code.replace(written, real)
    script = folder / f".example.{SUFFIX[example.language]}"
    script.write_text(code)
    command = {"sh": ["bash", "-eu"], "python": [sys.executable], "js": ["node"]}[example.language]
    env = {**os.environ, "PATH": path, "DIGITSCRIBE_URL": system.gateway_url, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [*command, script],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert example.printed is None or matches(done.stdout, example.printed), done.stdout


def test_the_page_has_examples_in_every_language() -> None:
    assert {each.language for each in examples()} == {"sh", "python", "js"}
    assert len(examples()) == PAGE.read_text().count("```text"), "each example has what it prints"


@pytest.mark.parametrize(
    ("printed", "expected", "same"),
    [
        ("a  b\n", "a b", True),
        ("took 3.1 s\nx", "took … s\nx", True),
        ("2047", "2048", False),
        ("2047\nmore", "2047", False),
        ("a\nb\nc", "a\n…\nc", True),
    ],
)
def test_what_is_printed_is_compared_strictly(printed: str, expected: str, same: bool) -> None:
    assert matches(printed, expected) is same
