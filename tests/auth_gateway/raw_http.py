"""HTTP as bytes: what no client library would send."""

import asyncio
from dataclasses import dataclass


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


async def send(port: int, request: bytes, *, seconds: float = 60) -> Answer:
    """Send the bytes and read one answer (status 0 when the connection is closed without one)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        return await asyncio.wait_for(read(reader), seconds)
    finally:
        writer.close()


async def read(reader: asyncio.StreamReader) -> Answer:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return Answer(0, [], b"")
    if head.startswith(b"HTTP/1.1 100 "):
        return await read(reader)
    line, *rows = head[:-4].decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (row.partition(": ") for row in rows)]
    answer = Answer(int(line.split()[1]), headers, b"")
    if lengths := answer.all("content-length"):
        try:
            answer.body = await reader.readexactly(int(lengths[0]))
        except asyncio.IncompleteReadError as error:  # HEAD, or broken off
            answer.body = error.partial
    elif answer.all("transfer-encoding"):
        answer.body = await _chunks(reader)
    return answer


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        found += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return found


def get(target: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    rows = [method + b" " + target + b" HTTP/1.1", b"Host: gateway.example", *headers]
    return b"\r\n".join([*rows, b"Connection: close", b"", b""])
