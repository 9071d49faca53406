"""An ASGI app on a real port of 127.0.0.1, for as long as a test needs it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

SERVED_WITHIN = 120.0
STOPPED_WITHIN = 2.0
OPTIONS: dict[str, Any] = {"http": "httptools", "log_config": None, "ws": "none", "lifespan": "on"}


@asynccontextmanager
async def served(app: Any, port: int = 0, **options: Any) -> AsyncIterator[str]:
    """Its address; uvicorn's parts without its loop, which looks for the end ten times a second."""
    # With the protocol named, asyncio sets TCP_NODELAY on what it accepts.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, **(OPTIONS | options)))
    await _start(server, listener)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await _stop(server)


async def _start(server: uvicorn.Server, listener: socket.socket) -> None:
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    try:
        async with asyncio.timeout(SERVED_WITHIN):
            await server.startup(sockets=[listener])
    except SystemExit:
        raise RuntimeError("the app did not start; its log says why") from None
    await server.on_tick(0)


async def _stop(server: uvicorn.Server) -> None:
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    try:
        async with asyncio.timeout(STOPPED_WITHIN):
            while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    except TimeoutError:
        for task in server.server_state.tasks:
            task.cancel()
    await server.lifespan.shutdown()
