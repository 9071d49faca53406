"""Logs as JSON lines, Prometheus metrics, and the request id that ties them together."""

import json
import logging
import sys
import time
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("earthcode")
current_request: ContextVar[str] = ContextVar("current_request", default="")

REQUESTS = Histogram(
    "earthcode_http_request_seconds",
    "Time to answer, by method, route and status class",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
OUTBOX_PENDING = Gauge("earthcode_outbox_pending", "Events not yet handed to NATS")
EVENTS_RELAYED = Counter("earthcode_events_relayed_total", "Events handed to NATS")
EVENTS_CONSUMED = Counter(
    "earthcode_events_consumed_total",
    "Events handled, by consumer and outcome",
    ["consumer", "outcome"],
)
UNTIMED = {"/livez", "/readyz", "/metrics"}
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := current_request.get():
            line["request"] = request
        line |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure_logging(level: str = "INFO", *, as_json: bool = True) -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s %(message)s")
    handler.setFormatter(JsonFormatter() if as_json else plain)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("httpx2", "httpcore2", "nats"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def request_id(scope: Scope) -> str | None:
    return scope.get("state", {}).get("request_id")


class Telemetry:
    """Gives each request an id, times it by route, and logs what changed something or failed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        number = _given_id(scope) or uuid4().hex
        scope.setdefault("state", {})["request_id"] = number
        token = current_request.set(number)
        started, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = number
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _observe(scope, status, time.perf_counter() - started)
            current_request.reset(token)


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 8 <= len(value) <= 64 and value.isalnum():
            return str(value.decode("ascii"))
    return None


def _observe(scope: Scope, status: int, seconds: float) -> None:
    if scope["path"] in UNTIMED:
        return
    route = getattr(scope.get("route"), "path_format", None) or "-"
    REQUESTS.labels(scope["method"], route, f"{status // 100}xx").observe(seconds)
    if status >= 500 or not _reads(scope):
        facts = {"method": scope["method"], "path": scope["path"], "status": status}
        log.info("request", extra=facts | {"ms": round(seconds * 1000, 1)})


def _reads(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD", "OPTIONS") or scope.get("state", {}).get("reads")


def metrics_response() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
