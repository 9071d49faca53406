"""Callers that were verified a moment ago, by the SHA-256 of what they showed."""

import time

from auth_gateway.domain.callers import Caller

MOST = 10_000


class Beliefs:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._known: dict[bytes, tuple[float, Caller]] = {}

    def get(self, key: bytes) -> Caller | None:
        until, caller = self._known.get(key, (0.0, None))
        return caller if until > time.time() else None

    def put(self, key: bytes, caller: Caller, expires: float) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = (min(time.time() + self.seconds, expires), caller)

    def forget(self, key: bytes) -> None:
        self._known.pop(key, None)

    def forget_all(self) -> None:
        self._known.clear()
