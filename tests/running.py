"""A whole federation, as `earthcode up` starts it, for tests that need one."""

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

READY_WITHIN = 240.0
# Below the ports that `earthcode up` gives to its services and those that the system gives to
# whoever asks for any: nobody takes one of these between its choice and its use.
PORTS = range(10_000, 20_000)
OF_ONE_WORKER = 1000
_turns = itertools.count(os.getpid())  # others may run the same tests on this machine


@dataclass
class Federation:
    url: str
    data_dir: Path
    process: subprocess.Popen[bytes]

    def run(self, *words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """The earthcode command against this deployment."""
        return subprocess.run(
            [sys.executable, "-m", "earthcode_local", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        given = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NATS_URL")}
        return given | {"EARTHCODE_URL": self.url, "EARTHCODE_DATA_DIR": str(self.data_dir)}

    def token(self, role: str) -> str:
        done = self.run("token", "--as", role, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def processes(self) -> dict[str, dict[str, Any]]:
        """Every supervised process by name: name, pid, url, state."""
        done = self.run("status", "--json", timeout=120)
        return {entry["name"]: entry for entry in json.loads(done.stdout)["processes"]}

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role)}"}


@contextmanager
def running(data_dir: Path) -> Iterator[Federation]:
    made = start(data_dir, free_port())
    try:
        yield made
    finally:
        stop(made)


def start(data_dir: Path, port: int) -> Federation:
    """Start and wait until ready; raises with the end of its output when it does not come up."""
    log = data_dir.with_suffix(".out")
    given = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NATS_URL")}
    words = ["up", "--port", str(port), "--data-dir", str(data_dir)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "earthcode_local", *words],
            env=given,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    made = Federation(f"http://127.0.0.1:{port}", data_dir, process)
    try:
        await_ready(made, log)
    except BaseException:
        stop(made)
        raise
    return made


def await_ready(federation: Federation, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            if httpx2.get(f"{federation.url}/readyz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        ended = federation.process.poll() is not None
        if ended or time.monotonic() > deadline:
            raise RuntimeError(f"earthcode up is not ready:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


def stop(federation: Federation) -> None:
    federation.process.send_signal(signal.SIGINT)
    try:
        federation.process.wait(60)
    except subprocess.TimeoutExpired:
        federation.process.kill()
        federation.process.wait()


def free_port() -> int:
    """Another one each time; the workers of pytest-xdist have ranges of their own."""
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
    while True:
        turn = worker * OF_ONE_WORKER + next(_turns) % OF_ONE_WORKER
        port = PORTS[turn % len(PORTS)]
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
