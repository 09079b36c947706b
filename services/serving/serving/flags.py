"""The command line: TensorFlow Serving's flags, read from its own usage text.

`usage.txt` is what `--help` prints and the only list of flags: name, default, type and meaning of each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from serving.status import Code, StatusError, invalid_argument

Value = str | int | float | bool

_LINE = re.compile(r'\t--(?P<name>\w+)=(?P<default>"[^"]*"|\S+)\s*\t(?P<kind>\w+)\t(?P<help>.*)')
_WORDS = {"true": True, "1": True, "false": False, "0": False}


class UsageError(Exception):
    """A flag has a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: `kind` is string, bool, int32, int64 or float."""

    name: str
    kind: str
    default: Value

    def parse(self, text: str) -> Value:
        """The value that `text` stands for.

        Raises:
            UsageError: it stands for none.
        """
        try:
            if self.kind == "bool":
                return _WORDS[text.lower()]
            return text if self.kind == "string" else float(text) if self.kind == "float" else int(text)
        except (KeyError, ValueError) as error:
            raise UsageError(f"Couldn't interpret value {text} for flag {self.name}.") from error


@dataclass(frozen=True)
class Flags:
    """The values of all flags; `unknown` holds the arguments that are none."""

    values: Mapping[str, Value]
    unknown: Sequence[str] = field(default=())

    def text(self, name: str) -> str:
        """A string flag."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """An integer flag."""
        return int(self.values[name])

    def on(self, name: str) -> bool:
        """A boolean flag."""
        return bool(self.values[name])


_UNSUPPORTED = {
    "grpc_socket_path": "UNIX sockets",
    "ssl_config_file": "TLS",
    "use_alts_credentials": "ALTS",
    "platform_config_file": "platform configurations",
    "prefer_tflite_model": "TensorFlow Lite",
}
"""Flags whose silent absence would be worse than a refusal."""


def check(flags: Flags) -> None:
    """Refuse flags that contradict each other, or ask for what this server has not.

    Raises:
        StatusError: INVALID_ARGUMENT or UNIMPLEMENTED.
    """
    for name, what in _UNSUPPORTED.items():
        if flags.values[name]:
            raise StatusError(Code.UNIMPLEMENTED, f"--{name}: this local server has no {what}")
    if not flags.text("model_config_file") and not flags.text("model_base_path"):
        raise invalid_argument("Both server_options.model_base_path and server_options.model_config_file are empty!")
    if not flags.number("port"):
        raise invalid_argument(
            "At least one of server_options.grpc_port or server_options.grpc_socket_path must be set."
        )
    if flags.text("batching_parameters_file") and not flags.on("enable_batching"):
        raise invalid_argument(
            "server_options.batching_parameters_file is set without setting server_options.enable_batching to true."
        )


def usage_text() -> str:
    """The list of flags as `--help` prints it."""
    return (resources.files("serving") / "usage.txt").read_text(encoding="utf-8")


def known_flags() -> dict[str, Flag]:
    """All flags by name."""
    found = {}
    for match in _LINE.finditer(usage_text()):
        bare = Flag(match["name"], match["kind"], "")
        found[bare.name] = Flag(bare.name, bare.kind, bare.parse(match["default"].strip('"')))
    return found


def parse(arguments: Sequence[str]) -> Flags:
    """Read `--flag=value`, `--flag value` and, for booleans, `--flag`.

    Raises:
        UsageError: a value does not fit its flag.
    """
    known = known_flags()
    values = {flag.name: flag.default for flag in known.values()}
    unknown: list[str] = []
    waiting = list(arguments)
    while waiting:
        argument = waiting.pop(0)
        name, equals, text = argument.removeprefix("--").partition("=")
        flag = known.get(name) if argument.startswith("--") else None
        if flag is None:
            unknown.append(argument)
            continue
        values[name] = flag.parse(text if equals else _value_of(flag, waiting))
    return Flags(values, unknown)


def _value_of(flag: Flag, waiting: list[str]) -> str:
    """The value of a flag without `=`: the next argument, or true for a boolean without one."""
    following = waiting[0] if waiting else ""
    if flag.kind == "bool":
        return waiting.pop(0) if following.lower() in _WORDS else "true"
    if not waiting or following.startswith("--"):
        raise UsageError(f"Flag {flag.name} needs a value.")
    return waiting.pop(0)
