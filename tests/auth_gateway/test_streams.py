"""Bodies both ways: unbuffered, with flat memory, and with a clear end when something breaks."""

import asyncio
import contextlib
import hashlib
import resource
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from auth_gateway.proxy import upstream

from tests.auth_gateway.conftest import World
from tests.auth_gateway.raw_http import get, read, send

MEBIBYTE = 1024 * 1024


async def test_the_first_event_arrives_before_the_second_is_made(world: World) -> None:
    echo = world.echoes["reproducer"]
    async with world.client.stream("GET", "/reproduce/runs/1/sse") as answer:
        parts = answer.aiter_bytes()
        assert await asyncio.wait_for(anext(parts), 60) == b"data: 1\n\n"
        assert answer.headers["content-type"] == "text/event-stream"
        echo.go_on.set()
        assert b"".join([part async for part in parts]) == b"data: 2\n\n"


@pytest.mark.parametrize("path", ["/reproduce/sse", "/stac/silence"])
async def test_when_the_client_leaves_the_service_is_told(world: World, path: str) -> None:
    echo = world.echoes["reproducer" if "sse" in path else "catalog-api"]
    _, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(get(path.encode()))
    await writer.drain()
    await _until(lambda: bool(echo.seen))
    writer.close()
    await asyncio.wait_for(echo.gone.wait(), 60)


async def test_when_the_client_leaves_in_its_upload_the_service_is_told(world: World) -> None:
    echo = world.echoes["publisher"]
    _, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(b"POST /publish/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    await _until(lambda: bool(echo.seen))
    writer.close()
    await asyncio.wait_for(echo.gone.wait(), 60)


async def _until(true: Any) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_arrives_whole(world: World, chunked: bool) -> None:
    block, count = bytes(range(256)) * 4096, 5
    headers = {} if chunked else {"Content-Length": str(len(block) * count)}
    answer = await world.client.post(
        "/publish/validate", content=_repeat(block, count), headers=headers
    )
    seen = world.echoes["publisher"].last
    assert (answer.status_code, seen.size) == (200, len(block) * count)
    assert seen.digest == hashlib.sha256(block * count).hexdigest()
    assert bool(seen.all(b"transfer-encoding")) is chunked
    assert bool(seen.all(b"content-length")) is not chunked


async def _repeat(block: bytes, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield block


async def test_an_upload_begins_to_arrive_before_it_has_ended(world: World) -> None:
    echo = world.echoes["publisher"]
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(b"POST /publish/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf")
    await _until(lambda: echo.seen and echo.last.size == 4)
    writer.write(b"more")
    assert (await read(reader)).status == 200
    writer.close()


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_upload_over_the_limit_is_refused(make_world: Any, chunked: bool) -> None:
    async with make_world(max_body_bytes=1000) as world:
        headers = {} if chunked else {"Content-Length": "1001"}
        content = _repeat(b"x" * 91, 11)
        answer = await world.client.post("/publish/validate", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["code"] == "content-too-large"


async def test_a_bulk_load_has_a_limit_of_its_own(make_world: Any) -> None:
    async with make_world(max_body_bytes=1000, max_bulk_bytes=5000) as world:
        headers = world.bearer("platform")
        path = "/stac/collections/a/bulk_items"
        for size, status in [(4000, 200), (6000, 413)]:
            for content in (b"x" * size, _repeat(b"x" * 100, size // 100)):
                answer = await world.client.post(path, content=content, headers=headers)
                assert answer.status_code == status
                assert status != 200 or world.echoes["catalog-api"].last.size == size


async def test_an_upload_that_stalls_is_given_up(make_world: Any) -> None:
    async with make_world(upload_seconds=0.3) as world:
        request = b"POST /publish/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"
        assert (await send(world.port, request)).status == 408


async def test_memory_stays_flat_whatever_the_size(make_world: Any) -> None:
    """64 MiB down and up; the process holds a few buffers of them at a time."""
    async with make_world(max_body_bytes=128 * MEBIBYTE) as world:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        async with world.client.stream("GET", "/stac/large") as answer:
            size = sum([len(part) async for part in answer.aiter_raw()])
        upload = _repeat(bytes(MEBIBYTE), 64)
        await world.client.post("/publish/validate", content=upload, timeout=60)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert size == world.echoes["publisher"].last.size == 64 * MEBIBYTE
        assert grown < 24 * 1024, f"{grown} KiB more"


@pytest.mark.parametrize("path", ["/stac/reset", "/stac/reset-small"])
async def test_a_service_that_breaks_off_is_a_bad_gateway(world: World, path: str) -> None:
    answer = await world.client.get(path)
    assert answer.status_code == 502
    assert answer.json()["code"] == "bad-gateway"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_stream_that_breaks_off_does_not_look_complete(world: World) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        await world.client.get("/stac/reset-stream")


async def test_a_service_that_is_away_is_unavailable(make_world: Any) -> None:
    async with make_world(catalog_url="http://127.0.0.1:9") as world:
        answer = await world.client.get("/stac")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]
        assert (await world.client.get("/records")).status_code == 200


async def test_a_service_that_cannot_be_connected_to_takes_two_seconds(make_world: Any) -> None:
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)  # a queue that is full: no further connection is ever completed
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        away = f"http://127.0.0.1:{full.getsockname()[1]}"
        limit = upstream.CONNECT_SECONDS
        async with make_world(catalog_url=away, connect_seconds=limit) as world:
            started = time.perf_counter()
            answer = await world.client.get("/stac")
            assert answer.status_code == 503
            # Without a limit of its own it would be that of the system: two minutes.
            assert 1.5 < time.perf_counter() - started < 30


async def test_a_service_that_is_silent_is_given_up(make_world: Any) -> None:
    async with make_world(upstream_header_seconds=0.3) as world:
        answer = await world.client.get("/stac/silence")
        assert (answer.status_code, answer.json()["code"]) == (504, "gateway-timeout")


async def test_answers_pass_as_they_are(world: World) -> None:
    zipped = await send(world.port, get(b"/stac/zipped"))
    assert zipped.body.startswith(b"\x1f\x8b")
    assert zipped.all("content-encoding") == ["gzip"]
    away = await world.client.get("/stac/elsewhere")
    assert (away.status_code, away.headers["location"]) == (303, "http://127.0.0.1:1/elsewhere")
    same = await world.client.get("/stac/unchanged", headers={"If-None-Match": '"1"'})
    assert (same.status_code, same.headers["etag"], same.content) == (304, '"1"', b"")
    assert world.echoes["catalog-api"].last.all(b"if-none-match") == [b'"1"']
    full = await world.client.get("/stac/full")
    assert full.status_code == 507


async def test_headers_of_an_answer(world: World) -> None:
    answer = await send(world.port, get(b"/stac/wordy", b"Origin: https://a.example"))
    assert answer.all("set-cookie") == []
    assert answer.all("x-hop") == answer.all("keep-alive") == []
    assert "secret/1.0" not in answer.all("server")
    assert len(answer.all("date")) == 1
    assert answer.all("link") == ["<a>; rel=next", "<b>; rel=prev"]
    assert answer.all("access-control-allow-origin") == ["*"]
    assert answer.all("cache-control") == ["public, max-age=60, s-maxage=90"]
    assert answer.all("x-content-type-options") == ["nosniff"]
    assert answer.all("content-security-policy")[0].startswith("sandbox;")
    assert len(answer.all("x-request-id")) == 1


async def test_an_answer_for_somebody_is_kept_out_of_shared_caches(world: World) -> None:
    answer = await world.client.get("/stac/wordy", headers=world.bearer("contributor"))
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["vary"] == "Authorization, Cookie"


async def test_connections_are_used_again_and_never_confused(world: World) -> None:
    async def one(number: int) -> bool:
        answer = await world.client.post(f"/stac/search?n={number}", json={"n": number})
        return bool(answer.json()["target"] == f"/stac/search?n={number}")

    assert all(await asyncio.gather(*(one(number) for number in range(200))))
