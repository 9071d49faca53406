"""A command of a service that has arguments of its own, and starts without all that serves."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from earthcode_common import migrate, telemetry
from earthcode_common.settings import ServiceSettings


@dataclass(frozen=True)
class Tool:
    """``run`` returns the exit status."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Any, argparse.Namespace], Coroutine[Any, Any, int]]


def main(
    name: str, tool: Tool, settings: type[ServiceSettings], argv: Sequence[str] | None = None
) -> int:
    """As the command line of the service does it; ``name``: what it was called by."""
    parser = argparse.ArgumentParser(prog=name)
    tool.arguments(parser)
    return run(tool, settings(), parser.parse_args(argv))


def run(tool: Tool, settings: ServiceSettings, given: argparse.Namespace) -> int:
    telemetry.configure_logging(settings.log_level, as_json=settings.log_json)
    try:
        return asyncio.run(tool.run(settings, given))
    except migrate.SchemaError as error:
        print(error, file=sys.stderr)
        return 1
