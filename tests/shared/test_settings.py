"""Settings are typed, come from the environment, and all wrong ones are told at once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from digitscribe.errors import SettingsError
from digitscribe.settings import GatewaySettings, RecognizerSettings, UiSettings, load

from tools.settings_table import SERVICES

ROOT = Path(__file__).parents[2]


def test_defaults_listen_on_the_loopback_interface_only() -> None:
    assert load(GatewaySettings).gateway_host == "127.0.0.1"
    assert load(UiSettings).ui_host == "127.0.0.1"


def test_a_variable_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCRIBE_UI_PORT", "8123")
    assert load(UiSettings).ui_port == 8123


def test_all_wrong_variables_are_named_in_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCRIBE_GATEWAY_PORT", "70000")
    monkeypatch.setenv("DIGITSCRIBE_REDIS_URL", "localhost")
    with pytest.raises(SettingsError) as caught:
        load(GatewaySettings)
    assert "DIGITSCRIBE_GATEWAY_PORT" in str(caught.value)
    assert "DIGITSCRIBE_REDIS_URL" in str(caught.value)


def test_an_error_says_what_the_variable_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCRIBE_MAX_PENDING_IMAGES", "many")
    with pytest.raises(SettingsError, match="beyond which the answer is 503"):
        load(GatewaySettings)


def test_a_batch_has_time_to_wait_for_the_model_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITSCRIBE_SERVING_PATIENCE_S", "50")
    with pytest.raises(SettingsError, match=r"^DIGITSCRIBE_JOB_TIMEOUT_S \(60\) must be more") as caught:
        load(RecognizerSettings)
    assert "DIGITSCRIBE_SERVING_PATIENCE_S (50)" in str(caught.value)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_every_setting_that_it_has(service: str) -> None:
    read = {attribute for path in _sources(service) for attribute in _read_in(path)}
    assert set(SERVICES[service].model_fields) - read == set()


def _sources(service: str) -> set[Path]:
    """The files of a service, and those of the shared library that it imports, directly or not."""
    found: set[Path] = set()
    new = set((ROOT / "services" / service).rglob("*.py"))
    while new:
        found |= new
        new = {imported for path in new for imported in _imported_by(path)} - found
    return found


def _imported_by(path: Path) -> set[Path]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("digitscribe"):
            modules |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    candidates = {(ROOT / "shared").joinpath(*module.split(".")).with_suffix(".py") for module in modules}
    return {each for each in candidates if each.is_file()}


def _read_in(path: Path) -> set[str]:
    """What is taken from settings in a file: `settings.x`, `self._settings.x`, `settings().x`, `limits.x`."""
    taken = {node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    return {node.attr for node in taken if ast.unparse(node.value).endswith(("settings", "settings()", "limits"))}
