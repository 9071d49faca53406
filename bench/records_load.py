"""A client that costs little: keep-alive connections of HTTP/1.1 that ask one after another."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Load(NamedTuple):
    """Requests per second, and the median milliseconds of one."""

    rate: float
    p50: float


class Connection:
    """One connection to the host of an address."""

    def __init__(self, address: str) -> None:
        self.address = urlsplit(address)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, target: str) -> bytes:
        """Raises RuntimeError for anything but a 200."""
        if self.streams is None:
            host, port = self.address.hostname, self.address.port
            self.streams = await asyncio.open_connection(host, port, limit=1 << 26)
        reader, writer = self.streams
        writer.write(f"GET {target} HTTP/1.1\r\nHost: {self.address.netloc}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
        body = await reader.readexactly(int(fields[b"content-length"]))
        if head[9:12] != b"200":
            raise RuntimeError(f"{target}: {head[9:12].decode()} {body[:200].decode()}")
        if fields.get(b"connection") == b"close":
            self.close()
        return body

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


async def ask(root: str, path: str) -> Any:
    connection = Connection(root)
    body = await connection.get(urlsplit(root).path + path)
    connection.close()
    return json.loads(body)


async def load(root: str, paths: Iterator[str], seconds: float, connections: int) -> Load:
    """Paths below ``root`` in turn, by each connection the next one."""
    took: list[float] = []
    base, until = urlsplit(root).path, time.perf_counter() + seconds

    async def one() -> None:
        connection = Connection(root)
        while (started := time.perf_counter()) < until:
            await connection.get(base + next(paths))
            took.append((time.perf_counter() - started) * 1000)
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return Load(len(took) / (time.perf_counter() - began), statistics.median(took))
