"""A small HTTP client of a running deployment, for the commands."""

import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn
from uuid import uuid4

import httpx2
from rich.console import Console

console = Console(highlight=False)
PATIENCE = 90.0
PASSING = (429, 502, 503, 504)
REPEATABLE = ("GET", "HEAD", "PUT", "DELETE")


class Refused(Exception):
    """The deployment answered with a problem (or not at all); says what and how to mend it."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status == 0 or self.status in PASSING


class Api:
    """Requests to one deployment's public address, in the name of a bearer token (or nobody).

    While a service restarts, what may be repeated is repeated, for ``PATIENCE`` seconds.
    """

    def __init__(self, url: str, token: Callable[[], str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._client = httpx2.Client(base_url=self.url, timeout=120)

    def __call__(
        self, method: str, path: str, *, repeatable: bool | None = None, **kwargs: Any
    ) -> httpx2.Response:
        """Send; raises Refused for no answer and for any answer of 400 or more."""
        if repeatable is None:
            repeatable = method in REPEATABLE
        deadline = time.monotonic() + (PATIENCE if repeatable else 0)
        while True:
            try:
                return self._send(method, path, **kwargs)
            except Refused as refusal:
                if not refusal.passing or time.monotonic() > deadline:
                    raise
            time.sleep(0.3)

    def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        return self("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx2.Response:
        return self("POST", path, **kwargs)

    def ask(self, path: str, **kwargs: Any) -> httpx2.Response:
        """A POST that only reads."""
        return self("POST", path, repeatable=True, **kwargs)

    def once(self, path: str, **kwargs: Any) -> httpx2.Response:
        """A POST with an Idempotency-Key: however often it is sent, it is done once."""
        headers = {"Idempotency-Key": uuid4().hex}
        return self("POST", path, repeatable=True, headers=headers, **kwargs)

    def found(self, path: str) -> bool:
        try:
            self("HEAD", path)
        except Refused as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    def _send(self, method: str, path: str, **kwargs: Any) -> httpx2.Response:
        headers = dict(kwargs.pop("headers", {}))
        try:
            if self._token:
                headers["Authorization"] = f"Bearer {self._token()}"
            answer = self._client.request(method, path, headers=headers, **kwargs)
        except httpx2.TransportError as error:
            message = f"{self.url} does not answer ({error}); is `earthcode up` running?"
            raise Refused(message) from error
        if answer.status_code >= 400:
            raise Refused(_explain(method, path, answer), answer.status_code)
        return answer


def _explain(method: str, path: str, answer: httpx2.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        body = {"detail": answer.text[:300]}
    lines = [f"{method} {path}: {answer.status_code} {body.get('detail', '')}"]
    for error in body.get("errors", [])[:10]:
        where = error.get("pointer") or error.get("parameter") or ""
        what = error.get("detail") or error.get("message", "")
        lines.append(f"  {where} {what} {error.get('hint', '')}".rstrip())
    return "\n".join(lines)


def fail(message: str, status: int = 1) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(status)
