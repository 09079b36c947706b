"""Settings are typed, come from the environment, and all wrong ones are told at once."""

from __future__ import annotations

import pytest
from digitscribe.errors import SettingsError
from digitscribe.settings import GatewaySettings, UiSettings, load


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
