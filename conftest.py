"""Registers the plugin that starts the whole system for tests."""

pytest_plugins = ["tests.running_system"]
