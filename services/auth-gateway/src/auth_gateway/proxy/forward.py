"""One request to a service and its answer back, streamed both ways with flat memory."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from earthcode_common import telemetry
from earthcode_common.problems import BadGateway, Problem, TooLarge, Unavailable
from multidict import CIMultiDict
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from auth_gateway.domain import headers as rules
from auth_gateway.domain.callers import Caller
from auth_gateway.domain.policy import Rule
from auth_gateway.proxy.upstream import target
from auth_gateway.state import Gateway

# An answer up to this size is read whole, so that a broken one can still become a clear problem.
WHOLE_BYTES = 64 * 1024
# What aiohttp would say in the client's name.
AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class GatewayTimeout(Problem):
    status, slug = 504, "gateway-timeout"


class RequestTimeout(Problem):
    status, slug = 408, "request-timeout"


class ClientGone(Exception):
    """Nobody is there to be answered."""


class Upload:
    """The client's body, counted; afterwards, the place to learn that the client went away."""

    def __init__(self, receive: Receive, limit: int, patience: float) -> None:
        self.receive = receive
        self.limit = limit
        self.patience = patience
        self.done = asyncio.Event()
        self.problem: Exception | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        size, more = 0, True
        while more:
            chunk, more = await self._next()
            size += len(chunk)
            if size > self.limit:
                raise self._failed(TooLarge(f"The body is larger than {self.limit} bytes"))
            if chunk:
                yield chunk
        self.done.set()

    async def _next(self) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout(self.patience):
                message: Message = await self.receive()
        except TimeoutError:
            raise self._failed(RequestTimeout("The body did not arrive in time")) from None
        if message["type"] == "http.disconnect":
            raise self._failed(ClientGone())
        return message.get("body", b""), message.get("more_body", False)

    def _failed(self, problem: Exception) -> Exception:
        self.problem = problem
        return problem

    async def gone(self) -> None:
        """Returns when the client has gone away."""
        await self.done.wait()
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def forward(
    gateway: Gateway, rule: Rule, caller: Caller, scope: Scope, receive: Receive, send: Send
) -> int:
    """Returns the status sent; raises Problem while nothing has been sent, ClientGone after all."""
    headers = _request_headers(gateway, rule, caller, scope)
    limit = gateway.settings.max_bulk_bytes if rule.bulk else gateway.settings.max_body_bytes
    upload = Upload(receive, limit, gateway.settings.upload_seconds)
    with_body = _has_body(scope, limit)
    if not with_body:
        await receive()
        upload.done.set()
    url = target(gateway.settings.upstream(rule.service), scope["raw_path"], scope["query_string"])
    exchange = _Exchange(asyncio.current_task())
    watcher = asyncio.create_task(exchange.watch(upload))
    try:
        async with await _ask(gateway, scope["method"], url, headers, upload, with_body) as answer:
            return await _pass_on(answer, scope, caller, exchange, send)
    except asyncio.CancelledError:
        if not exchange.client_gone:
            raise
        raise ClientGone from None
    finally:
        exchange.finished = True
        watcher.cancel()


class _Exchange:
    """Cancels the upstream request when the client leaves before it was answered."""

    def __init__(self, task: "asyncio.Task[None] | None") -> None:
        self.task = task
        self.finished = False
        self.client_gone = False

    async def watch(self, upload: Upload) -> None:
        await upload.gone()
        if not self.finished and self.task:
            self.client_gone = True
            self.task.cancel()


def _has_body(scope: Scope, limit: int) -> bool:
    length = rules.get(scope["headers"], b"content-length")
    if length is not None and int(length) > limit:
        raise TooLarge(f"The body is {int(length)} bytes; at most {limit}")
    chunked = rules.get(scope["headers"], b"transfer-encoding") is not None
    return chunked or length not in (None, b"0")


def _request_headers(
    gateway: Gateway, rule: Rule, caller: Caller, scope: Scope
) -> CIMultiDict[str]:
    headers = CIMultiDict(rules.forwarded(scope["headers"]))
    headers["X-Request-Id"] = telemetry.request_id(scope) or ""
    if not caller.anonymous:
        headers["Authorization"] = f"Bearer {gateway.mint.token(rule.service, caller)}"
    return headers


async def _ask(
    gateway: Gateway,
    method: str,
    url: URL,
    headers: CIMultiDict[str],
    upload: Upload,
    with_body: bool,
) -> aiohttp.ClientResponse:
    patience = gateway.settings.upstream_header_seconds
    try:
        async with asyncio.timeout(None if with_body else patience):
            return await gateway.upstream.request(
                method,
                url,
                headers=headers,
                data=upload.chunks() if with_body else None,
                allow_redirects=False,
                skip_auto_headers=[name for name in AUTOMATIC if name not in headers] or None,
            )
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
        raise Unavailable("The service behind this address cannot be reached") from error
    except TimeoutError as error:
        raise GatewayTimeout(f"The service did not answer within {patience:g} s") from error
    except (aiohttp.ClientError, Problem, ClientGone, OSError) as error:
        if upload.problem:
            raise upload.problem from error
        raise BadGateway("The service broke off before it answered") from error


async def _pass_on(
    answer: aiohttp.ClientResponse, scope: Scope, caller: Caller, exchange: _Exchange, send: Send
) -> int:
    length = answer.content_length
    whole = length is not None and length <= WHOLE_BYTES
    body = await _whole(answer) if whole or _bodiless(scope["method"], answer.status) else None
    await send(_start(answer, scope, caller))
    if body is not None:
        exchange.finished = True
        await send({"type": "http.response.body", "body": body})
        return answer.status
    await _stream(answer, exchange, send)
    return answer.status


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    try:
        return await answer.read()
    except (aiohttp.ClientError, OSError) as error:
        raise BadGateway("The service broke off in its answer") from error


async def _stream(answer: aiohttp.ClientResponse, exchange: _Exchange, send: Send) -> None:
    """An answer that breaks off ends without its last chunk, so the client can tell."""
    try:
        async for chunk in answer.content.iter_any():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except (aiohttp.ClientError, OSError) as error:
        telemetry.log.warning("service broke off in its answer", extra={"error": repr(error)})
        exchange.finished = True
        raise ClientGone from error
    exchange.finished = True
    await send({"type": "http.response.body", "body": b""})


def _start(answer: aiohttp.ClientResponse, scope: Scope, caller: Caller) -> dict[str, object]:
    headers = rules.contained(rules.answered(answer.raw_headers))
    if not caller.anonymous:
        headers = rules.private(headers)
    if answer.status in (204, 304):
        # uvicorn would wait for the body that a Content-Length of a 304 only speaks of.
        headers = [header for header in headers if header[0] != b"content-length"]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _bodiless(method: str, status: int) -> bool:
    return method == "HEAD" or status in (204, 304)
