"""What can be set for `docker compose`: everything that the README lists, and everything that is set is documented."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from annotated_types import Le
from digitscribe.settings import ENV_PREFIX

from tools.settings_table import SERVICES

ROOT = Path(__file__).parents[2]
COMPOSE_FILES = ("docker-compose.yml", "compose.camera.yml")
OF_THE_CONTAINERS = {"GATEWAY_PORT", "UI_PORT", "MODEL_NAME", "SERVING_MODELS_DIR"}
"""Settings that the containers agree on among themselves; the ports that people see are Compose's."""

OTHER_THREADS = 256
"""Of a service, beside those that its settings count."""


def definitions() -> dict[str, Any]:
    """The services of docker-compose.yml."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_reaches_its_container(service: str) -> None:
    passed = set(definitions()[service]["environment"])
    image = re.findall(rf"({ENV_PREFIX}\w+)=", (ROOT / "services" / service / "Dockerfile").read_text())
    known = {each.removeprefix(ENV_PREFIX) for each in {*passed, *image}} | OF_THE_CONTAINERS
    assert {name.upper() for name in SERVICES[service].model_fields} - known == set()


def test_every_variable_that_compose_reads_is_documented() -> None:
    documented = (ROOT / "README.md").read_text() + (ROOT / "deploy" / "README.md").read_text()
    read = {name for file in COMPOSE_FILES for name in re.findall(r"\$\{(\w+)", (ROOT / file).read_text())}
    read |= {name for each in definitions().values() for name, value in _environment(each).items() if value is None}
    assert {name for name in read if f"`{name}`" not in documented} == set()


@pytest.mark.parametrize("service", definitions())
def test_a_service_may_have_more_threads_than_any_setting_allows(service: str) -> None:
    fields = [field for group in SERVICES.values() for name, field in group.model_fields.items() if "threads" in name]
    most = [cast(int, rule.le) for field in fields for rule in field.metadata if isinstance(rule, Le)]
    assert len(most) == len(fields) > 0
    assert definitions()[service]["pids_limit"] > max(most) + OTHER_THREADS


@pytest.mark.compose
def test_a_setting_in_the_file_of_settings_reaches_those_who_read_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DIGITSCRIBE_UI_HOSTS=digits.example.org\nDIGITSCRIBE_CAMERA_TOKEN=word\n")
    command = ["docker", "compose", "--env-file", str(tmp_path / ".env"), "config"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    resolved = yaml.safe_load(shown)["services"]
    assert resolved["ui"]["environment"]["DIGITSCRIBE_UI_HOSTS"] == "digits.example.org"
    holders = {name for name, each in resolved.items() if _environment(each).get("DIGITSCRIBE_CAMERA_TOKEN")}
    assert holders == {"gateway", "camera-worker"}


def _environment(definition: dict[str, Any]) -> dict[str, str | None]:
    return definition.get("environment") or {}
