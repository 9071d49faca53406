"""A small HTTP client of a running deployment, for the commands."""

import sys
from collections.abc import Callable
from typing import Any

import httpx2
from rich.console import Console

console = Console(highlight=False)


class Refused(Exception):
    """The deployment answered with a problem; the message says what and how to mend it."""


class Api:
    """Requests to one deployment's public address, in the name of a bearer token (or nobody)."""

    def __init__(self, url: str, token: Callable[[], str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._client = httpx2.Client(base_url=self.url, timeout=120)

    def __call__(self, method: str, path: str, **kwargs: Any) -> httpx2.Response:
        """Send; raises Refused for any answer of 400 or more."""
        headers = dict(kwargs.pop("headers", {}))
        if self._token:
            headers["Authorization"] = f"Bearer {self._token()}"
        try:
            answer = self._client.request(method, path, headers=headers, **kwargs)
        except httpx2.TransportError as error:
            raise Refused(
                f"{self.url} does not answer ({error}); is `earthcode up` running?"
            ) from error
        if answer.status_code >= 400:
            raise Refused(_explain(method, path, answer))
        return answer

    def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        return self("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx2.Response:
        return self("POST", path, **kwargs)


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


def fail(message: str, status: int = 1) -> None:
    print(message, file=sys.stderr)
    sys.exit(status)
