"""A service as a value, and the command line that every service has."""

import argparse
import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI

from earthcode_common import migrate, telemetry
from earthcode_common import tool as tools
from earthcode_common.app import create_app
from earthcode_common.settings import ServiceSettings
from earthcode_common.tool import Tool
from earthcode_common.worker import Loop, run_loops

Command = Callable[[ServiceSettings], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    name: str  # "catalog-api": audience of tokens, NATS user
    package: str  # "catalog_api"
    create_app: Callable[[Any], FastAPI]
    settings: type[ServiceSettings] = ServiceSettings
    loops: Sequence[Loop] = ()
    commands: Mapping[str, Command] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)


def main(service: Service, argv: Sequence[str] | None = None) -> int:
    arguments = _parser(service).parse_args(argv)
    settings = service.settings()
    if tool := service.tools.get(arguments.command):
        return tools.run(tool, settings, arguments)
    telemetry.configure_logging(settings.log_level, as_json=settings.log_json)
    if arguments.command in ("serve", "work"):
        _serve(service, settings, arguments)
        return 0
    try:
        asyncio.run(_run(service, settings, arguments))
    except migrate.SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {service.package}")
    words = parser.add_subparsers(dest="command", required=True)
    serve = words.add_parser("serve", help="answer HTTP requests")
    work = words.add_parser("work", help="run the background loops (probes on --port)")
    for word in (serve, work):
        word.add_argument("--host", default="127.0.0.1")
        word.add_argument("--port", type=int, default=8000)
    words.add_parser("migrate", help="bring the database to this version's schema")
    check = words.add_parser("check", help="exit 0 when the schema is current")
    check.add_argument("--wait", type=float, default=0, help="seconds to wait for it")
    for name, command in service.commands.items():
        words.add_parser(name, help=(command.__doc__ or "").split("\n")[0])
    for name, tool in service.tools.items():
        tool.arguments(words.add_parser(name, help=tool.help))
    return parser


async def _run(service: Service, settings: ServiceSettings, arguments: argparse.Namespace) -> None:
    if arguments.command == "migrate":
        for name in await migrate.migrate(settings.database_url, service.package):
            print(f"applied {name}")
    elif arguments.command == "check":
        await migrate.check(settings.database_url, service.package, wait=arguments.wait)
    else:
        await service.commands[arguments.command](settings)


def _serve(service: Service, settings: ServiceSettings, arguments: argparse.Namespace) -> None:
    if arguments.command == "serve":
        app = service.create_app(settings)
    else:
        app = worker_app(service, settings)
    gc.collect()
    gc.freeze()  # What stays to the end is not looked through again and again.
    config = uvicorn.Config(
        app,
        host=arguments.host,
        port=arguments.port,
        http="httptools",
        loop="uvloop",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run()


def worker_app(service: Service, settings: ServiceSettings) -> FastAPI:
    """The loops as the lifespan of an app that has nothing but the probes."""

    @asynccontextmanager
    async def working(app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(run_loops(app.state.runtime, service.loops))
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return create_app(
        name=service.name,
        package=service.package,
        prefix="",
        title=f"{service.name} worker",
        description="The background loops; only the probes are served here.",
        settings=settings,
        lifespan=working,
    )
