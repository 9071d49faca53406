"""Ordinary child processes, with the same face as the servers: start() until ready, stop()."""

import http.client
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from earthcode_local.servers.processes import ServerError, end, spawn, tail


class Server(Protocol):
    """What the supervisor keeps up. `process` None after start() means: the work is done."""

    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Return when ready; raise ServerError when it does not come up."""

    def stop(self) -> None:
        """Also while start() still waits, from another thread."""


class Child:
    """A program that is ready when `ready_url` answers 200."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str],
        ready_url: str,
        patience: float = 90.0,
        grace: float = 15.0,
    ) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.argv = argv
        self.log = log
        self.env = env
        self.ready_url = ready_url
        self.patience = patience
        self.grace = grace

    def start(self) -> None:
        logged = self.log.stat().st_size if self.log.exists() else 0
        process = self.process = spawn(self.argv, log=self.log, env=self.env)
        deadline = time.monotonic() + self.patience
        while not answers(self.ready_url):
            if process.poll() is not None:
                raise ServerError(ended(process.returncode, self.log, logged))
            if time.monotonic() > deadline:
                end(process, signal.SIGTERM, self.grace)
                raise ServerError(f"not ready in time:\n{tail(self.log, logged)}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, signal.SIGTERM, self.grace)


class Job:
    """A program that runs once, to its end."""

    def __init__(self, argv: Sequence[str | Path], *, log: Path, env: Mapping[str, str]) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.argv = argv
        self.log = log
        self.env = env

    def start(self) -> None:
        logged = self.log.stat().st_size if self.log.exists() else 0
        process = self.process = spawn(self.argv, log=self.log, env=self.env)
        if process.wait() != 0:
            raise ServerError(ended(process.returncode, self.log, logged))
        self.process = None

    def stop(self) -> None:
        if (process := self.process) is not None:
            end(process, signal.SIGTERM, 5)


def ended(status: int, log: Path, logged: int) -> str:
    how = f"killed by signal {-status}" if status < 0 else f"ended with status {status}"
    return f"{how}:\n{tail(log, logged)}"


def answers(url: str) -> bool:
    """Whether a GET is answered with 200 at once; never through a proxy."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
