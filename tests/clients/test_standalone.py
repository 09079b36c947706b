"""The client stands alone: who installs it gets no OpenCV and no TensorFlow, and its contracts are the system's."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import digitscribe_client
import pytest
from digitscribe import contracts as shared_contracts

from tests.running_system import ROOT

PACKAGE = ROOT / "clients" / "python"

ALONE = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("digitscribe", "numpy", "cv2", "PIL", "redis", "grpc", "tensorflow", "flask"):
            raise ImportError(f"the client imports {name}")

sys.meta_path.insert(0, Refuse())
import digitscribe_client, digitscribe_client.cli.app
print(digitscribe_client.Digitscribe.__name__)
"""


def test_it_is_imported_without_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Digitscribe", done.stderr


def test_its_contracts_are_the_systems_own() -> None:
    assert (PACKAGE / "digitscribe_client" / "contracts").resolve() == Path(shared_contracts.__file__).parent


def test_every_public_name_is_there_and_sorted() -> None:
    assert digitscribe_client.__all__ == sorted(digitscribe_client.__all__)
    assert not [name for name in digitscribe_client.__all__ if not hasattr(digitscribe_client, name)]


@pytest.mark.slow
def test_its_wheel_carries_the_contracts_and_its_types(tmp_path: Path) -> None:
    for folder in ("clients/python", "shared/digitscribe"):  # a build leaves things behind
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, str(tmp_path), str(tmp_path / "clients/python")], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "digitscribe_client/contracts/recognition.py" in names
    assert "digitscribe_client/py.typed" in names
    assert all(name.startswith(("digitscribe_client/", "digitscribe_client-")) for name in names)
