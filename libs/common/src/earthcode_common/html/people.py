"""What browsers need beyond pages: forms without scripts, and errors that can be read."""

from typing import Any
from urllib.parse import urlencode

import orjson
from jinja2 import Environment
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from earthcode_common import problems
from earthcode_common.html.frame import Frame, Site
from earthcode_common.html.render import headers, render
from earthcode_common.ogc.links import HTML, JSON
from earthcode_common.ogc.negotiation import accepted
from earthcode_common.problems import NotAcceptable


class ForPeople:
    """A form sends its empty fields too: they are dropped. Problems become pages."""

    def __init__(self, app: ASGIApp, site: Site, templates: Environment, public_url: str) -> None:
        self.app = app
        self.site = site
        self.templates = templates
        self.public_url = public_url.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _wants_page(scope):
            return await self.app(scope, receive, send)
        filled = _filled(scope) if _from_browser(scope) else None
        if filled is not None:
            answer = Response(status_code=303, headers={"Location": filled, "Vary": "Accept"})
            return await answer(scope, receive, send)
        frame = Frame(self.site, self.public_url, scope["path"], [])
        return await self.app(scope, receive, Legible(frame, self.templates, send).send)


def _wants_page(scope: Scope) -> bool:
    if scope["method"] not in ("GET", "HEAD"):
        return False
    named = Request(scope).query_params.get("f")
    return _from_browser(scope) if named is None else named == "html"


def _from_browser(scope: Scope) -> bool:
    accept = next((v for k, v in scope["headers"] if k == b"accept"), b"").decode("latin-1")
    if "text/html" not in accept.lower():
        return False
    try:
        return accepted(accept, (JSON, HTML)) == HTML
    except NotAcceptable:
        return False


def _filled(scope: Scope) -> str | None:
    """The same address without its empty parameters, when it has some; relative to itself."""
    given = Request(scope).query_params.multi_items()
    kept = [(key, value) for key, value in given if value != ""]
    if len(kept) == len(given):
        return None
    name = scope["raw_path"].decode("ascii", "replace").rpartition("/")[2]
    return f"{name or '.'}?{urlencode(kept)}" if kept else (name or ".")


class Legible:
    """Turns the problem document of an answer into a page; other answers pass."""

    def __init__(self, frame: Frame, templates: Environment, send: Send) -> None:
        self._frame = frame
        self._templates = templates
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
            return None
        if self._start is None:
            return await self._send(message)
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._page(self._start)
        return None

    async def _page(self, start: Message) -> None:
        body = render(self._templates, "problem.html", self._values(orjson.loads(self._body)))
        own = {
            "content-type": f"{HTML}; charset=utf-8",
            "content-length": str(len(body)),
            "vary": "Accept, Accept-Encoding",
        } | {name.lower(): value for name, value in headers(self._frame.public_url).items()}
        kept = [(k, v) for k, v in start["headers"] if k.decode("latin-1").lower() not in own]
        added = [(name.encode(), value.encode()) for name, value in own.items()]
        await self._send({**start, "headers": kept + added})
        await self._send({"type": "http.response.body", "body": body})

    def _values(self, problem: dict[str, Any]) -> dict[str, Any]:
        frame, errors = self._frame, problem.get("errors", [])
        return frame.values() | {
            "title": problem["title"],
            "detail": problem["detail"],
            "summary": problem["detail"],
            "errors": errors,
            "request_id": problem.get("request_id", ""),
            "crumbs": [{"href": frame.root, "title": frame.site.name}],
        }


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(problems.MEDIA_TYPE)
