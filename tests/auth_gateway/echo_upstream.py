"""A service that keeps the very bytes it was sent. Raw asyncio: no library tidies them up."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson


@dataclass
class Seen:
    """``line`` is the request line as it came; ``headers`` keep spelling, order and duplicates."""

    line: bytes
    headers: list[tuple[bytes, bytes]]
    reader: asyncio.StreamReader = field(repr=False)
    size: int = 0
    digest: str = ""
    first_chunk_at: float = 0.0

    @property
    def target(self) -> bytes:
        return self.line.split(b" ")[1]

    def all(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Echo:
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        self.seen.clear()
        self.gone.clear()
        self.go_on.clear()

    @property
    def last(self) -> Seen:
        return self.seen[-1]


Writer = asyncio.StreamWriter
Behaviour = Callable[[Echo, Seen, Writer], Awaitable[None]]


@asynccontextmanager
async def echoing() -> AsyncIterator[Echo]:
    echo = Echo()

    async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            while await _exchange(echo, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            echo.gone.set()
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    echo.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield echo


async def _exchange(echo: Echo, reader: asyncio.StreamReader, writer: Writer) -> bool:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return False
    line, *rest = head[:-4].split(b"\r\n")
    pairs = [row.split(b": ", 1) for row in rest]
    seen = Seen(line, [(name, value) for name, value in pairs], reader)
    echo.seen.append(seen)
    await _read_body(echo, seen, reader)
    word = seen.target.split(b"?")[0].rsplit(b"/", 1)[-1].decode()
    await BEHAVIOURS.get(word, _answer)(echo, seen, writer)
    return not writer.is_closing()


async def _read_body(echo: Echo, seen: Seen, reader: asyncio.StreamReader) -> None:
    digest = hashlib.sha256()
    async for chunk in _chunks(seen, reader):
        seen.first_chunk_at = seen.first_chunk_at or asyncio.get_running_loop().time()
        seen.size += len(chunk)
        digest.update(chunk)
    seen.digest = digest.hexdigest()


async def _chunks(seen: Seen, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    left = int((seen.all(b"content-length") or [b"0"])[0])
    while left:
        chunk = await reader.read(min(left, 65536))
        if not chunk:
            raise ConnectionResetError
        left -= len(chunk)
        yield chunk
    while seen.all(b"transfer-encoding"):
        size = int(await reader.readuntil(b"\r\n"), 16)
        yield await reader.readexactly(size)
        await reader.readexactly(2)
        if not size:
            return


def response(status: str, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def _answer(echo: Echo, seen: Seen, writer: Writer) -> None:
    facts = {"target": seen.target.decode(), "size": seen.size}
    body = b"" if seen.line.startswith(b"HEAD") else orjson.dumps(facts)
    writer.write(response("200 OK", body, "Content-Type: application/json", "X-Served: yes"))
    await writer.drain()


async def _events(echo: Echo, seen: Seen, writer: Writer) -> None:
    """One event at once; the second when the test says so, or never when the reader has left."""
    kind = "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked"
    writer.write(f"HTTP/1.1 200 OK\r\n{kind}\r\n\r\n9\r\ndata: 1\n\n\r\n".encode())
    await writer.drain()
    waits = [asyncio.ensure_future(echo.go_on.wait()), asyncio.ensure_future(seen.reader.read(1))]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if not echo.go_on.is_set():
        raise ConnectionResetError
    writer.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")


async def _silence(echo: Echo, seen: Seen, writer: Writer) -> None:
    await seen.reader.read(1)
    raise ConnectionResetError


async def _reset(echo: Echo, seen: Seen, writer: Writer) -> None:
    writer.transport.abort()


async def _reset_in_small_body(echo: Echo, seen: Seen, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()


async def _reset_in_stream(echo: Echo, seen: Seen, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()


async def _large(echo: Echo, seen: Seen, writer: Writer) -> None:
    size = 64 * 1024 * 1024
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
    block = bytes(256 * 1024)
    for _ in range(size // len(block)):
        writer.write(block)
        await writer.drain()


async def _zipped(echo: Echo, seen: Seen, writer: Writer) -> None:
    body = gzip.compress(b'{"zipped": true}', mtime=0)
    writer.write(response("200 OK", body, "Content-Encoding: gzip", "Content-Type: a/json"))


async def _elsewhere(echo: Echo, seen: Seen, writer: Writer) -> None:
    writer.write(response("303 See Other", b"", "Location: http://127.0.0.1:1/elsewhere"))


async def _unchanged(echo: Echo, seen: Seen, writer: Writer) -> None:
    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 77\r\n\r\n')


async def _wordy(echo: Echo, seen: Seen, writer: Writer) -> None:
    """Headers that must not pass, and some that must, some twice."""
    extra = (
        "Set-Cookie: earthcode_session=planted",
        "Connection: X-Hop",
        "X-Hop: 1",
        "Keep-Alive: timeout=5",
        "Server: secret/1.0",
        "Link: <a>; rel=next",
        "Link: <b>; rel=prev",
        "Cache-Control: public, max-age=60, s-maxage=90",
        "Access-Control-Allow-Origin: *",
        "Content-Type: text/html",
    )
    writer.write(response("200 OK", b"<p>", *extra))


async def _full(echo: Echo, seen: Seen, writer: Writer) -> None:
    writer.write(response("507 Insufficient Storage", b"{}", "Content-Type: application/json"))


BEHAVIOURS: dict[str, Behaviour] = {
    "sse": _events,
    "silence": _silence,
    "reset": _reset,
    "reset-small": _reset_in_small_body,
    "reset-stream": _reset_in_stream,
    "large": _large,
    "zipped": _zipped,
    "elsewhere": _elsewhere,
    "unchanged": _unchanged,
    "wordy": _wordy,
    "full": _full,
}
