"""The command `digitscribe-serving`: TensorFlow Serving's flags, TensorFlow Serving's APIs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from serving import flags
from serving.status import StatusError

_VERSION = "TensorFlow ModelServer: 2.20.0\nTensorFlow Library: 2.20.0"
_FAILURE = 255


def command() -> NoReturn:
    """The process `digitscribe-serving`: `main`, and the end."""
    code = main()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # Not sys.exit: everything is drained, and a daemon thread that meets the interpreter's end inside TensorFlow's or
    # gRPC's C++ is unwound there, which C++ answers with abort(); a clean end would be told as a crash.
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until SIGTERM or SIGINT; returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options = flags.parse(given)
    except flags.UsageError as error:
        print(error, file=sys.stderr)
        return _print_usage()
    if "--help" in options.unknown:
        return _print_usage()
    if options.on("version"):
        print(_VERSION)
        return 0
    if options.unknown:
        print(f"unknown argument: {options.unknown[0]}")
        _print_usage()
    try:
        flags.check(options)
        # only now: TensorFlow takes a second to come
        from serving import server

        server.run(options)
    except StatusError as error:
        print(f"Failed to start server. Error: {error}", flush=True)
        return _FAILURE
    return 0


def _print_usage() -> int:
    print(f"usage: {sys.argv[0]}\nFlags:\n{flags.usage_text()}", end="", flush=True)
    return _FAILURE


if __name__ == "__main__":
    command()
